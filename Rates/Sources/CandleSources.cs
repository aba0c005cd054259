using System.Diagnostics.CodeAnalysis;

namespace Pnl.Rates;

/// <summary>All sources of candles that are set up, by name.</summary>
public sealed class CandleSources
{
    private readonly Dictionary<string, ICandleSource> _byName;

    /// <summary>Collects sources of different names.</summary>
    public CandleSources(IEnumerable<ICandleSource> sources)
    {
        All = [.. sources];
        _byName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>The sources.</summary>
    public IReadOnlyList<ICandleSource> All { get; }

    /// <summary>The source of a name such as <c>binance</c> or <c>files</c>.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out ICandleSource? source) => _byName.TryGetValue(name, out source);

    /// <summary>The source of a name.</summary>
    /// <exception cref="SourceException">There is none.</exception>
    public ICandleSource Named(string name) => TryGet(name, out ICandleSource? source)
        ? source
        : throw new SourceException("source.unknown", $"there is no source '{name}'; there are {string.Join(", ", All.Select(s => s.Name))}", isTransient: false);
}
