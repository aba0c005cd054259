using Pnl.Grains;

namespace Pnl.Client;

/// <summary>A token that has bars cannot be given another quote currency: its rates would change their meaning.</summary>
public sealed class QuoteConflictException : Exception
{
    /// <summary>Creates the exception.</summary>
    public QuoteConflictException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public QuoteConflictException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public QuoteConflictException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for a token.</summary>
    public QuoteConflictException(TokenInfo token)
        : base($"'{token?.Id}' has bars in {token?.Quote}, which is fixed") => Token = token;

    /// <summary>The token as it is.</summary>
    public TokenInfo? Token { get; }
}
