namespace Pnl.Cli.Server;

/// <summary>A registered token. Times are those at which bars open.</summary>
internal sealed record TokenAnswer(
    string Id, string? Symbol, string? Name, string Quote, DateTimeOffset? FirstBar, DateTimeOffset? LastBar, long Bars, string? Status, long? SetAside = null);

/// <summary>A page of the token list.</summary>
internal sealed record TokensAnswer(TokenAnswer[] Items, string? NextCursor);

/// <summary>What is told about a token to register it.</summary>
internal sealed record TokenRequest(string Symbol, string Name, string Quote);
