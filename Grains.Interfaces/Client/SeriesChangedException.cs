using System.Globalization;

namespace Pnl.Client;

/// <summary>
/// A bar was corrected or came late while a series was read on behind it, or an entry of a portfolio was: the pages before no longer go
/// with those to come.
/// </summary>
public sealed class SeriesChangedException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SeriesChangedException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SeriesChangedException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and what led to it.</summary>
    public SeriesChangedException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for a token.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="changedFrom">The open time from which on bars may have changed.</param>
    public SeriesChangedException(string token, DateTimeOffset changedFrom)
        : base(string.Create(CultureInfo.InvariantCulture, $"bars of '{token}' from {changedFrom:u} on changed while its series was read: read it again from there, or from the start")) =>
        (Token, ChangedFrom) = (token, changedFrom);

    private SeriesChangedException(string portfolio, DateTimeOffset changedFrom, string message)
        : base(message) => (Portfolio, ChangedFrom) = (portfolio, changedFrom);

    /// <summary>Creates the exception for a portfolio's series or lots.</summary>
    /// <param name="portfolio">Its id.</param>
    /// <param name="changedFrom">What ended before was what it is; 1970-01-01 where that is not known.</param>
    public static SeriesChangedException OfPortfolio(string portfolio, DateTimeOffset changedFrom) => new(portfolio, changedFrom, string.Create(
        CultureInfo.InvariantCulture, $"entries of '{portfolio}', or rates of what it holds, changed from {changedFrom:u} on while it was read page by page: read it again from the start"));

    /// <summary>The token's id; null if it is of a portfolio.</summary>
    public string? Token { get; }

    /// <summary>The portfolio's id; null if it is of a token.</summary>
    public string? Portfolio { get; }

    /// <summary>Bars that open before this time, and periods that end before it, are what they were when they were read.</summary>
    public DateTimeOffset ChangedFrom { get; }
}
