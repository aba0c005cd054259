using System.Collections.Frozen;

namespace Pnl;

/// <summary>What a key or a token may be good for. Each stands for itself alone, but <see cref="Admin"/> for all.</summary>
public static class Scope
{
    /// <summary>Reads tokens, rates, leaderboards, backfills, and the owner's portfolios.</summary>
    public const string Read = "read";

    /// <summary>Registers tokens, brings bars in, and fetches them by backfills: what everybody sees.</summary>
    public const string Ingest = "ingest";

    /// <summary>Changes the owner's portfolios, which nobody else sees.</summary>
    public const string Portfolio = "portfolio";

    /// <summary>Reads <c>/metrics</c>.</summary>
    public const string Metrics = "metrics";

    /// <summary>All of these, keys, and the dashboard.</summary>
    public const string Admin = "admin";

    /// <summary>All scopes.</summary>
    public static FrozenSet<string> All { get; } = FrozenSet.Create(StringComparer.Ordinal, Read, Ingest, Portfolio, Metrics, Admin);

    /// <summary>All names, to show what may be written.</summary>
    public static string AllNames => string.Join(", ", Read, Ingest, Portfolio, Metrics, Admin);
}
