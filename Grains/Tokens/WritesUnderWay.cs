using System.Collections.Concurrent;

namespace Pnl.Grains;

/// <summary>
/// The tokens of this silo that are writing. From the moment at which a write is durable until its grain takes note of it,
/// the store is ahead of the grain: whoever reads a revision from the store then must not tell it, since the grain would
/// answer an older one afterwards.
/// </summary>
internal sealed class WritesUnderWay
{
    private readonly ConcurrentDictionary<string, byte> _tokens = new(StringComparer.Ordinal);

    /// <summary>To be called before a write is handed to the store.</summary>
    public void Begin(string token) => _tokens[token] = 0;

    /// <summary>To be called once the grain answers what it has written.</summary>
    public void End(string token) => _tokens.TryRemove(token, out _);

    /// <summary>Whether what was just read of a token from the store may be ahead of its grain.</summary>
    public bool Has(string token) => _tokens.ContainsKey(token);
}
