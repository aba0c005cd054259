namespace Pnl.Rates;

/// <summary>An event that could not be taken.</summary>
/// <param name="At">When it was given up, UTC.</param>
/// <param name="Token">The token, or the stream where none is named.</param>
/// <param name="Reason">Why.</param>
/// <param name="Payload">The event as text.</param>
public sealed record DeadLetter(DateTimeOffset At, string Token, string Reason, string Payload)
{
    /// <summary>How many a store keeps at least; of more the oldest may go.</summary>
    public const int MostKept = 100_000;

    /// <summary>After how many writes of a process those that are too many go.</summary>
    public const int WritesATrim = 1000;

    /// <summary>The reason of one that is damaged in the store.</summary>
    public const string Damaged = "store.damaged";

    /// <summary>What it is asked for by: the store's own; empty before it is stored.</summary>
    public string Id { get; init; } = "";
}
