namespace Pnl.Cli.Import;

/// <summary>What ended the import of a file.</summary>
internal enum FileFailure
{
    /// <summary>Nothing: it was read to its end, and the server answered for all that it was sent.</summary>
    None,

    /// <summary>The token has another quote than the file.</summary>
    QuoteMismatch,

    /// <summary>The file cannot be read (on), or does not tell what its rates are.</summary>
    Unreadable,

    /// <summary>Not one of its rows could be taken.</summary>
    NothingTaken,

    /// <summary>It has other rates than a file of the same token before it.</summary>
    Contradicts,

    /// <summary>The server declined the token or its rates as a whole.</summary>
    Declined,

    /// <summary>The server failed or went away.</summary>
    Server,

    /// <summary>The server's counts do not add up to what it was sent.</summary>
    Miscounted,

    /// <summary>Stopped, or never begun, since the server failed with another file.</summary>
    Stopped,
}
