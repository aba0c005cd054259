namespace Pnl.Client;

/// <summary>A listing of a token would be converted by the token's own rates, over those of other tokens.</summary>
public sealed class CircularListingException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CircularListingException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public CircularListingException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public CircularListingException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
