using System.Collections.Concurrent;

namespace Pnl.Cli.Import;

/// <summary>How far an import is, for a progress bar; files report to it from several threads.</summary>
internal sealed class ImportProgress(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private readonly ConcurrentDictionary<FileTally, double> _fractions = new();
    private long _rows;
    private int _files;

    /// <summary>Rows sent and answered.</summary>
    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Files that are through.</summary>
    public int Files => Volatile.Read(ref _files);

    public TimeSpan Elapsed => time.GetElapsedTime(_started);

    public double RowsPerSecond => Rows / Math.Max(Elapsed.TotalSeconds, 0.001);

    /// <summary>The parts read of all files begun, added up: 2.5 is two and a half files.</summary>
    public double FilesRead => _fractions.Values.Sum();

    public void Sent(FileTally file, double fraction, int rows)
    {
        _fractions[file] = fraction;
        Interlocked.Add(ref _rows, rows);
    }

    public void Finished(FileTally file)
    {
        _fractions[file] = 1;
        Interlocked.Increment(ref _files);
    }
}
