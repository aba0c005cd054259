namespace Pnl.Tests.Core.Portfolios;

/// <summary>Rates as they were written down, each from its slot on.</summary>
internal sealed class RateTable : IRates
{
    private readonly Dictionary<CurrencyPair, SortedList<int, decimal>> _bars = [];

    public RateGraph Graph => new(_bars.Keys);

    public IEnumerable<CurrencyPair> Markets => _bars.Keys;

    /// <summary>Those that were asked for.</summary>
    public HashSet<RateNeed> Asked { get; } = [];

    public CrossRates Cross => new(Graph, this);

    public RateTable With(string token, string quote, int slot, decimal rate)
    {
        CurrencyPair market = new(token, quote);
        if (!_bars.TryGetValue(market, out SortedList<int, decimal>? bars))
        {
            _bars.Add(market, bars = []);
        }

        bars[slot] = rate;
        return this;
    }

    /// <summary>A rate known at a time: that of the bar which closes then, or has closed last.</summary>
    public RateTable With(string token, string quote, string time, decimal rate) => With(token, quote, BarTime.LastClosedSlot(At(time)), rate);

    public decimal? AsOf(CurrencyPair market, int slot)
    {
        Asked.Add(new(market, slot));
        decimal? rate = null;
        foreach ((int from, decimal value) in _bars.GetValueOrDefault(market, []))
        {
            if (from > slot)
            {
                break;
            }

            rate = value;
        }

        return rate;
    }

    public static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
}
