namespace Pnl.Grains;

/// <summary>An answer that stands for a moment. Those who ask meanwhile, and those who ask while the next is on its way, share it.</summary>
/// <param name="stands">For how long from when it was asked for; zero has it asked for each time.</param>
/// <param name="time">The clock.</param>
internal sealed class BriefAnswer<T>(TimeSpan stands, TimeProvider time)
{
    private Task<T>? _answer;
    private long _askedAt;

    /// <summary>The answer, which is asked for by <paramref name="ask"/> if there is none that stands. One that failed does not stand.</summary>
    public Task<T> Get(Func<Task<T>> ask)
    {
        // By the task alone, not by a field that its end resets: it may have ended before it is kept here.
        if (_answer is null || (_answer.IsCompleted && !(_answer.IsCompletedSuccessfully && time.GetElapsedTime(_askedAt) < stands)))
        {
            _askedAt = time.GetTimestamp();
            _answer = ask();
        }

        return _answer;
    }
}
