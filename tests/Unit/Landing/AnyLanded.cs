using System.Globalization;
using System.Text.Json;
using CsCheck;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Landing;

/// <summary>Random ranges of candles as they are landed, and what makes two of them the same.</summary>
internal static class AnyLanded
{
    /// <summary>January 2024.</summary>
    public const int Month = 54 * 12;

    private static readonly int MonthsFirst = BarTime.FirstSlotOfMonth(Month);

    public static readonly TokenRegistration Registration = new()
    {
        Symbol = "XYZ",
        Name = "Xyz \"the\" coin",
        Quote = "usdt",
        Listed = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Sources = new Dictionary<string, string> { ["binance"] = "XYZUSDT" },
    };

    /// <summary>Values as markets have them, up to all that a decimal can hold.</summary>
    public static readonly Gen<decimal> Value = Gen.OneOf(
        Gen.Select(Gen.Long[1, 99_999_999], Gen.Int[0, 8], (mantissa, scale) => new decimal((int)mantissa, 0, 0, false, (byte)scale)),
        Gen.Select(Gen.Int, Gen.Int, Gen.Int, Gen.Int[0, 28], (low, middle, high, scale) => new decimal(low, middle, high, false, (byte)scale)),
        Gen.Const(0m));

    private static readonly Func<decimal, decimal>[] Kinds =
    [
        value => decimal.Round(value % 1_000_000m, 8), // 64 bits
        value => decimal.Round(value % 1_000_000_000_000m, 12), // 128 bits
        value => value, // anything
    ];

    private static readonly string[] Codes = ["rate.jump", "rate.zero", "time.repeated"];

    private static readonly Gen<QuarantinedRow> Aside = Gen.Select(
        Gen.Long[0, 2_000_000_000], Gen.Int[0, Codes.Length - 1], Gen.String[0, 40],
        (time, code, row) => new QuarantinedRow(time % 7 == 0 ? null : time, Codes[code], row));

    public static readonly Gen<LandedCandles> Candles =
        from kind in Gen.Int[0, Kinds.Length - 1]
        from steps in Gen.Int[1, 20].Array[0, 200]
        from values in Value.Array[5].Array[steps.Length]
        from aside in Aside.Array[0, 3]
        from fetched in Gen.Long[0, 4_000_000_000_000]
        from closesAlone in Gen.Bool
        let landed = Of(
            [.. steps.Select((_, i) => MonthsFirst + steps.Take(i + 1).Sum())],
            [.. values.Select(row => Array.ConvertAll(row, value => Kinds[kind](value)))], aside, DateTimeOffset.FromUnixTimeMilliseconds(fetched))
        from interval in Gen.Enum<Interval>()
        from quote in Gen.OneOf(Gen.Const("usdt"), Gen.Const("eur"))
        select (closesAlone ? landed with { Candles = Pnl.Rates.Candles.OfCloses(landed.Candles.Slots.ToArray(), landed.Candles.Close) } : landed) with { Interval = (Interval)Math.Min((int)interval, (int)Interval.Day), Quote = quote };

    public static LandedCandles Of(int[] slots, decimal[][] values, QuarantinedRow[] aside, DateTimeOffset fetched) => new(
        new("binance", "xyz", new(MonthsFirst, MonthsFirst + 5000)), Registration, "XYZUSDT", fetched,
        Pnl.Rates.Candles.Of([.. slots.Select((slot, i) => new Candle(slot, values[i][0], values[i][1], values[i][2], values[i][3], values[i][4]))]), aside);

    public static LandedCandles Of(LandingKey key, DateTimeOffset fetched, params Bar[] bars) => new(
        key, Registration, "XYZUSDT", fetched,
        Pnl.Rates.Candles.Of([.. bars.Select(bar => new Candle(bar.Slot, bar.Rate, bar.Rate, bar.Rate, bar.Rate, 1))]), []);

    public static void AssertSame(LandedCandles expected, LandedCandles actual)
    {
        Assert.Equal((expected.Key, expected.Listing, expected.FetchedAt), (actual.Key, actual.Listing, actual.FetchedAt));
        AssertRegistered(actual.Registration, expected.Registration);
        Assert.Equal(expected.Candles.Slots, actual.Candles.Slots);
        Assert.Equal(expected.Candles.More is null, actual.Candles.More is null);
        Assert.Equal(Texts(expected), Texts(actual));
        Assert.Equal(expected.Quarantined, actual.Quarantined);
    }

    /// <summary>Asserts that everything registered is the same.</summary>
    public static void AssertRegistered(TokenRegistration actual, TokenRegistration? expected = null) =>
        Assert.Equal(JsonSerializer.Serialize(expected ?? Registration), JsonSerializer.Serialize(actual));

    /// <summary>Every value digit by digit: 1.0 and 1.00 are equal as numbers.</summary>
    public static string[] Texts(LandedCandles candles) =>
    [
        .. candles.Candles.SelectMany(c => (decimal[])[c.Open, c.High, c.Low, c.Close, c.Volume]).Select(value => value.ToString(CultureInfo.InvariantCulture)),
    ];
}
