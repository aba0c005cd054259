namespace Pnl;

/// <summary>
/// What is stored was written by a later release, in a way that this one does not know: nothing of it is answered, and
/// nothing is written over it.
/// </summary>
public sealed class LaterReleaseException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LaterReleaseException()
    {
    }

    /// <summary>Creates the exception with a message that says what is stored and what is known.</summary>
    public LaterReleaseException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public LaterReleaseException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
