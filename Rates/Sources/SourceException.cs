namespace Pnl.Rates;

/// <summary>What a source was asked for cannot be had.</summary>
public sealed class SourceException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SourceException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SourceException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public SourceException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception with a stable code.</summary>
    /// <param name="code">Such as <c>symbol.unknown</c>, <c>source.unavailable</c>, <c>source.malformed</c>, <c>source.refused</c>.</param>
    /// <param name="message">What happened.</param>
    /// <param name="isTransient">Whether trying again later may help.</param>
    /// <param name="inner">What led to it.</param>
    /// <param name="retryAfter">How long the source wants to be left alone, if it said so.</param>
    public SourceException(
        string code, string message, bool isTransient, Exception? inner = null, TimeSpan? retryAfter = null)
        : base(message, inner) => (Code, IsTransient, RetryAfter) = (code, isTransient, retryAfter);

    /// <summary>Stable code.</summary>
    public string Code { get; } = "source.failed";

    /// <summary>Whether trying again later may help.</summary>
    public bool IsTransient { get; }

    /// <summary>How long the source wants to be left alone; null if it did not say.</summary>
    public TimeSpan? RetryAfter { get; }
}
