using System.Globalization;

namespace Pnl.Client;

/// <summary>A token was to be deleted on which portfolios depend: their profit and loss would be incomplete.</summary>
public sealed class TokenHeldException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TokenHeldException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public TokenHeldException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with what led to it.</summary>
    public TokenHeldException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for a token.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="portfolios">How many portfolios depend on it, of all owners.</param>
    public TokenHeldException(string token, int portfolios)
        : base(string.Create(CultureInfo.InvariantCulture, $"'{token}' is in the ledgers of {portfolios} {(portfolios == 1 ? "portfolio" : "portfolios")}, and would be missing there: delete it by force if that is meant")) =>
        (Token, Portfolios) = (token, portfolios);

    /// <summary>The token's id.</summary>
    public string? Token { get; }

    /// <summary>How many portfolios depend on it, of all owners.</summary>
    public int Portfolios { get; }
}
