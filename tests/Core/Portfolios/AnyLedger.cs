using CsCheck;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>Random ledgers, with rates that are there late, seldom, or inverse.</summary>
internal static class AnyLedger
{
    public static readonly int FirstSlot = BarTime.SlotAt(new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public static readonly int LastSlot = FirstSlot + 2_000;

    private static readonly string[] Tokens = ["btc", "eth", "doge", "bnb"];

    private static readonly string[] Currencies = ["usd", "usdt", "eur", "btc"];

    // What each trades in: a direct rate, over another token, over a stablecoin.
    private static readonly CurrencyPair[] Markets =
        [new("btc", "usd"), new("eth", "btc"), new("doge", "usdt"), new("usdt", "usd"), new("bnb", "usdt"), new("eur", "usd")];

    private static readonly Gen<decimal> Quantities = Gen.OneOf(
        Gen.Int[1, 20].Select(n => (decimal)n),
        Gen.Int[1, 1_000_000].Select(n => n / 10_000m),
        Gen.Int[1, 9].Select(n => n * 0.00000001m),
        Gen.Long[1, long.MaxValue].Select(n => n / 1_000_000_000_000_000_007m),
        Gen.Long[1, 1_000_000_000].Select(n => n * 1.000000000000000001m));

    private static readonly Gen<decimal> Prices = Gen.OneOf(
        Gen.Int[1, 500].Select(n => (decimal)n),
        Gen.Int[0, 10_000_000].Select(n => n / 100m),
        Gen.Long[1, long.MaxValue].Select(n => n / 1_000_000_000_000_037m));

    // The same few times again and again, and any.
    private static readonly Gen<DateTimeOffset> Times = Gen.OneOf(
        Gen.Int[0, 12].Select(n => BarTime.Open(FirstSlot + n * 150)),
        Gen.Select(Gen.Int[0, 1_999], Gen.Int[0, 299_999], (slot, ms) => BarTime.Open(FirstSlot + slot).AddMilliseconds(ms)));

    private static readonly Gen<TradeFee> Fee = Gen.Select(
        OneOf("usd", "usdt", "eur", "btc", "eth", "bnb"), Quantities, Gen.Int[0, 19],
        (currency, quantity, sign) => new TradeFee((sign == 0 ? -1 : 1) * Math.Max(Math.Round(quantity / 100, 12), 0.000000000001m), currency));

    private static readonly Gen<EntryKind> Kinds = Gen.Frequency(
        (6, Gen.Const(EntryKind.Buy)), (6, Gen.Const(EntryKind.Sell)), (2, Gen.Const(EntryKind.Deposit)), (2, Gen.Const(EntryKind.Withdrawal)),
        (1, Gen.Const(EntryKind.Fee)), (1, Gen.Const(EntryKind.Income)), (1, Gen.Const(EntryKind.Redenomination)));

    /// <summary>An entry without an id.</summary>
    public static Gen<LedgerEntry> Entry { get; } = Gen.Select(
        Times, Kinds, Gen.Select(OneOf(Tokens), OneOf(Currencies), Gen.Bool), Quantities, Prices, Fee.Array[0, 3],
        (time, kind, about, quantity, price, fees) =>
        {
            (string token, string currency, bool priced) = about;
            token = !kind.IsTrade() && kind != EntryKind.Redenomination && !priced ? currency : token;
            currency = currency == token ? "usd" : currency;
            return kind == EntryKind.Redenomination
                ? new("", time, kind, token, Math.Max(Math.Round(price, 3), 0.001m), null, null, [], null)
                : kind.IsTrade() || (priced && kind is EntryKind.Deposit or EntryKind.Income)
                    ? new LedgerEntry("", time, kind, token, quantity, price, currency, [.. fees], null)
                    : new LedgerEntry("", time, kind, token, quantity, null, null, [.. fees], null);
        });

    /// <summary>A ledger: ids in no order of time.</summary>
    public static Gen<LedgerEntry[]> Entries { get; } = Of(30);

    /// <summary>Rates of all markets from before the first entry on.</summary>
    public static Gen<RateTable> Rates { get; } = Gen.Int[0, int.MaxValue].Select(seed => Table(seed, late: false));

    /// <summary>Rates of which some begin late or are not there at all.</summary>
    public static Gen<RateTable> PatchyRates { get; } = Gen.Int[0, int.MaxValue].Select(seed => Table(seed, late: true));

    /// <summary>Any terms; inverse conversions with a base of euro, bitcoin or tether.</summary>
    public static Gen<PortfolioTerms> Terms { get; } = Gen.Select(
        OneOf("usd", "usd", "eur", "btc", "usdt"), Gen.Enum<CostBasis>(), Gen.Bool, Gen.Bool,
        (currency, basis, shorts, cash) => new PortfolioTerms(currency, basis, shorts, cash));

    public static Gen<LedgerEntry[]> Of(int most) =>
        Entry.Array[1, most].Select(entries => entries.Select((entry, i) => entry with { Id = $"{i * 7919 % 1000:000}-{i}" }).ToArray());

    /// <summary>Posts one by one in the order of time, and leaves out what is refused.</summary>
    public static Portfolio Accepted(IEnumerable<LedgerEntry> entries, PortfolioTerms terms, CrossRates rates) =>
        entries.Order(Comparer<LedgerEntry>.Create(LedgerEntry.Compare))
            .Aggregate(Portfolio.Empty(terms), (portfolio, entry) => portfolio.Post([entry], rates).After);

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static RateTable Table(int seed, bool late)
    {
        Random random = new(seed);
        RateTable table = new();
        foreach (CurrencyPair market in Markets)
        {
            if (late && random.Next(6) == 0)
            {
                continue;
            }

            int slot = late && random.Next(3) == 0 ? FirstSlot + random.Next(2_000) : FirstSlot - random.Next(1, 100);
            decimal rate = market.Quote switch { "btc" => 0.03m, "usdt" => 0.37m, _ => market.Token == "btc" ? 31_234.5m : 1.0734m };
            int digits = random.Next(3, 12);
            for (; slot < LastSlot; slot += random.Next(1, 400))
            {
                rate = Math.Max(Math.Round(rate * (decimal)Math.Exp(random.NextDouble() - 0.5), digits), 0.001m);
                table.With(market.Token, market.Quote, slot, rate);
            }
        }

        return table;
    }
}
