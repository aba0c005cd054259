namespace Pnl.Cli.Import;

/// <summary>A file to import, and whose rates it holds.</summary>
/// <param name="Path">As it was given, or found under what was given.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Symbol">The token's symbol, if it is to be registered.</param>
/// <param name="Quote">The currency of the rates, in lower case.</param>
internal sealed record ImportFile(string Path, string Id, string Symbol, string Quote)
{
    /// <summary>The length of its candles in seconds, where its name tells it; else null.</summary>
    public int? CandleSeconds { get; init; }

    /// <summary>The file with its folder: enough to tell files of several sources apart, and short.</summary>
    public string Label => System.IO.Path.Join(
        System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)), System.IO.Path.GetFileName(Path));
}
