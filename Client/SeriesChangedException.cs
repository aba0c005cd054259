using System.Globalization;

namespace Pnl.Client;

/// <summary>A bar was corrected or came late while a series was read on behind it: the pages before no longer go with those to come.</summary>
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

    /// <summary>The token's id.</summary>
    public string? Token { get; }

    /// <summary>Bars that open before this time are what they were when they were read.</summary>
    public DateTimeOffset ChangedFrom { get; }
}
