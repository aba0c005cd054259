namespace Pnl.Rates;

/// <summary>A token was written by another owner meanwhile: whoever gets this holds an outdated state and must let go of it.</summary>
public sealed class StoreConflictException : IOException
{
    /// <summary>Creates the exception.</summary>
    public StoreConflictException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public StoreConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public StoreConflictException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
