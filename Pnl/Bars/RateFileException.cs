namespace Pnl;

/// <summary>
/// A file or request of rates that cannot be read as a whole: without a usable header, cut off, of another format. The
/// message names the file and what was expected. Single bad rows are no reason for it, they are given out as such.
/// </summary>
public sealed class RateFileException : Exception
{
    /// <summary>An error without a text.</summary>
    public RateFileException()
    {
    }

    /// <summary>An error with a text that can be shown as it is.</summary>
    public RateFileException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a text that can be shown as it is, and what led to it.</summary>
    public RateFileException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
