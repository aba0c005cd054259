namespace Pnl.Client;

/// <summary>
/// The engine did not answer: no silo could be reached, or those that were gave up. A call that only reads changed nothing;
/// whether one that writes was done is not known, and it is safe to make it again where its description says so.
/// </summary>
public sealed class PnlUnavailableException : TimeoutException
{
    /// <summary>Creates the exception.</summary>
    public PnlUnavailableException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public PnlUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and the last failure.</summary>
    public PnlUnavailableException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
