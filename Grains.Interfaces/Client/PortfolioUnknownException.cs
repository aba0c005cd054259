namespace Pnl.Client;

/// <summary>A portfolio that nobody set up.</summary>
public sealed class PortfolioUnknownException : Exception
{
    /// <summary>Creates the exception.</summary>
    public PortfolioUnknownException()
    {
    }

    /// <summary>Creates the exception for a portfolio.</summary>
    public PortfolioUnknownException(string portfolio)
        : base($"there is no portfolio '{portfolio}'; set it up first") => Portfolio = portfolio;

    /// <summary>Creates the exception with what led to it.</summary>
    public PortfolioUnknownException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The portfolio's id.</summary>
    public string? Portfolio { get; }
}
