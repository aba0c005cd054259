namespace Pnl.Cli.Server;

/// <summary>What became of the rows of one call, once they are durable.</summary>
internal sealed record IngestAnswer(long Accepted, long Unchanged, long Corrected, RejectedRow[]? Rejected);

/// <summary>A row that was not taken.</summary>
/// <param name="Index">Its place in the call, from 0.</param>
/// <param name="Code">Why, such as <c>time.inFuture</c>.</param>
internal sealed record RejectedRow(int Index, string Code);
