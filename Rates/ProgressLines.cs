using System.Globalization;

namespace Pnl.Rates;

/// <summary>Tells in lines how far a long piece of work is: the first after two seconds, and at most one every two seconds. For one thread at a time.</summary>
internal sealed class ProgressLines
{
    /// <summary>The time before the first line, and between two.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly Action<string> _write;
    private readonly long _began;
    private long _told;

    /// <summary>Begins to measure the time.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="write">Writes a line.</param>
    public ProgressLines(TimeProvider time, Action<string> write)
    {
        (_time, _write) = (time, write);
        _began = _told = time.GetTimestamp();
    }

    /// <summary>Says what the work is at; written if a line is due.</summary>
    public void Tell(string at)
    {
        if (_time.GetElapsedTime(_told) >= Between)
        {
            _told = _time.GetTimestamp();
            _write(string.Create(CultureInfo.InvariantCulture, $"… {_time.GetElapsedTime(_began).TotalSeconds:0} s: {at}"));
        }
    }
}
