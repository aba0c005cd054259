namespace Pnl.Client;

/// <summary>A token that nobody registered.</summary>
public sealed class TokenUnknownException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TokenUnknownException()
    {
    }

    /// <summary>Creates the exception for a token.</summary>
    public TokenUnknownException(string token)
        : base($"there is no token '{token}'; register it first") => Token = token;

    /// <summary>Creates the exception with what led to it.</summary>
    public TokenUnknownException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The token's id.</summary>
    public string? Token { get; }
}
