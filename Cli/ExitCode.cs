namespace Pnl.Cli;

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCode
{
    public const int Ok = 0;

    /// <summary>Something was rejected or refused: a file that cannot be read, a token that is unknown; rows under --strict.</summary>
    public const int Rejected = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The server cannot be reached, failed, or did not account for what it was sent.</summary>
    public const int Server = 3;

    /// <summary>Stopped by Ctrl-C, as shells count it.</summary>
    public const int Stopped = 130;
}
