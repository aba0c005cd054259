namespace Pnl.Cli.Server;

/// <summary>The rolling windows of a token.</summary>
internal sealed record PnlAnswer(
    string Token, string? Quote, DateTimeOffset? AsOf, decimal? Rate, bool Stale, long Revision, bool Complete,
    Dictionary<string, WindowAnswer>? Windows);

/// <summary>One window. Money and rates are exact; return, drawdown and volatility are fractions; the interval is the coarsest that it stands on.</summary>
internal sealed record WindowAnswer(
    DateTimeOffset? From, decimal? StartRate, decimal? Pnl, double? Return, decimal? High, decimal? Low, double? MaxDrawdown,
    double? Volatility, long Bars, long ExpectedBars, bool Partial, string? Interval = null);

/// <summary>A series in columns.</summary>
internal sealed record SeriesAnswer(DateTimeOffset[] Time, decimal[] Rate);
