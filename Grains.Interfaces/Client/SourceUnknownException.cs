namespace Pnl.Client;

/// <summary>A source that the silos do not have.</summary>
public sealed class SourceUnknownException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SourceUnknownException()
    {
    }

    /// <summary>Creates the exception with a message.</summary>
    public SourceUnknownException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with what led to it.</summary>
    public SourceUnknownException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Creates the exception for a source.</summary>
    /// <param name="source">Its name.</param>
    /// <param name="known">The names of those that there are.</param>
    public SourceUnknownException(string source, IReadOnlyList<string> known)
        : base($"there is no source '{source}'; there are {string.Join(", ", known)}") => Known = known;

    /// <summary>The names of the sources that there are.</summary>
    public IReadOnlyList<string> Known { get; } = [];
}
