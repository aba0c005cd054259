namespace Pnl.Cli.Server;

/// <summary>What history to fetch.</summary>
internal sealed record BackfillRequest(object Tokens, string? From, string? To, string Source, string? Order, bool? Again);

/// <summary>How far a backfill is.</summary>
internal sealed record BackfillAnswer(
    string Id, string Status, string Source, BackfillTokens Tokens, BackfillBars Bars, double BarsPerSecond, DateTimeOffset? Eta, int Retries,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, BackfillFailure[] Failures, BackfillFailure[]? Empty = null);

/// <summary>Numbers of tokens.</summary>
internal sealed record BackfillTokens(int Total, int Done, int Failed, int Empty = 0);

/// <summary>Numbers of bars.</summary>
internal sealed record BackfillBars(long Landed, long Imported, long Quarantined);

/// <summary>A token that was given up.</summary>
internal sealed record BackfillFailure(string Token, string Code, string Detail);

/// <summary>A page of backfills.</summary>
internal sealed record BackfillsAnswer(BackfillAnswer[] Items, string? NextCursor);
