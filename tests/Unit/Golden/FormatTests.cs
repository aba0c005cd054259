using System.Globalization;
using System.Text.Json;
using Pnl.Rates;
using Pnl.Tests.Shared;
using Pnl.Tests.Unit.Landing;

namespace Pnl.Tests.Unit.Golden;

/// <summary>Segments, landed files and events as earlier releases wrote them, read as they read them.</summary>
public sealed class FormatTests
{
    private const string Formats = "formats.json", Month = "month.bin", Tail = "tail.bin", Event = "event.json";

    private static readonly string[] Landed = ["narrow", "wide", "text", "closes"];

    public static TheoryData<string> Generations => GoldenFiles.Generations;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task What_was_written_then_is_read_as_it_was_read_then(string generation) => GoldenFiles.AssertHolds(
        // The first generation counted every return as if it spanned 5 minutes, and kept other sums.
        GoldenFiles.Redefined(await File.ReadAllTextAsync(GoldenFiles.Path(generation, Formats), Cancellation), null, "LogReturns", "Squared"),
        Shown(
            [.. ((string[])[Month, Tail]).Select(name => File.ReadAllBytes(GoldenFiles.Path(generation, name)))],
            [.. Landed.Select(name => File.ReadAllBytes(GoldenFiles.Path(generation, name + LandingPath.Extension)))],
            await File.ReadAllBytesAsync(GoldenFiles.Path(generation, Event), Cancellation)));

    /// <summary>A command: see tests/Shared/Golden/README.md.</summary>
    [Fact(Explicit = true)]
    public async Task A_new_generation_is_written()
    {
        // Days with gaps, rates of every length, and a month's end.
        int first = BarTime.FirstSlotOfMonth(AnyLanded.Month);
        Bar[] bars = [.. Enumerable.Range(0, 700).Where(i => i % 97 > 2).Select(i => new Bar(first + i, i switch { 300 => 7922816251426433759354395033m, 301 => 1e-28m, _ => 12.5m + i % 31 / 1000m }))];
        HistoryChange change = TokenHistory.Empty.With(bars, default, SegmentSet.Empty, 0);
        byte[][] segments = [Assert.Single(change.Sealed).Segment.Bytes.ToArray(), change.History.Tail!.Bytes.ToArray()];
        decimal[][] rows = [.. Enumerable.Range(1, 50).Select(i => (decimal[])[i / 8m, i / 4m, i / 16m, i / 8m, i * 1000.25m])];
        int[] slots = [.. Enumerable.Range(0, rows.Length).Select(i => first + i * 3)];
        QuarantinedRow[] aside = [new(1_704_067_200, "rate.zero", "[1704067200000,\"0\"]"), new(null, "time.repeated", "\u00e9")];
        LandedCandles narrow = AnyLanded.Of(slots, rows, aside, new DateTimeOffset(2026, 6, 15, 12, 2, 0, 123, TimeSpan.Zero));
        LandedCandles[] landed =
        [
            narrow,
            narrow with { Candles = Candles(slots, rows, 1.000000000001m, 1_000_000_000_000m) },
            narrow with { Candles = Candles(slots, rows, 1e-24m, 1_000_000_000_000_000_000_000m) },
            narrow with { Candles = Pnl.Rates.Candles.OfCloses(slots, narrow.Candles.Close) },
        ];
        byte[][] files = [.. landed.Select(Parquet)];
        byte[] body = BarsEvent.Write(["btc", "a.b-c_d", "eth"], [1_764_086_400, 1_764_086_700, 1_764_086_400], [87_123.5m, 1e-28m, 7922816251426433759354395033m], [1_764_086_400, 0, 1_764_086_100]);
        await File.WriteAllTextAsync(GoldenFiles.NewPath(Formats), Shown(segments, files, body), Cancellation);
        await File.WriteAllBytesAsync(GoldenFiles.NewPath(Month), segments[0], Cancellation);
        await File.WriteAllBytesAsync(GoldenFiles.NewPath(Tail), segments[1], Cancellation);
        await File.WriteAllBytesAsync(GoldenFiles.NewPath(Event), body, Cancellation);
        for (int i = 0; i < files.Length; i++)
        {
            await File.WriteAllBytesAsync(GoldenFiles.NewPath(Landed[i] + LandingPath.Extension), files[i], Cancellation);
        }
    }

    private static Candles Candles(int[] slots, decimal[][] rows, decimal added, decimal times) =>
        Pnl.Rates.Candles.Of([.. slots.Select((slot, i) => new Candle(slot, rows[i][0] + added, rows[i][1], rows[i][2], i == 7 ? times : rows[i][3], rows[i][4]))]);

    private static byte[] Parquet(LandedCandles candles)
    {
        using MemoryStream file = new();
        CandleParquet.Write(candles, file);
        return file.ToArray();
    }

    private static string Shown(byte[][] segments, byte[][] landed, byte[] body)
    {
        BarsEvent bars = BarsEvent.Read(body);
        return JsonSerializer.Serialize(new
        {
            Segments = segments.Select(bytes =>
            {
                Segment read = Segment.Open(bytes, "the golden one");
                return new { Bars = read.ToBars().Select(bar => string.Create(CultureInfo.InvariantCulture, $"{bar.Slot} {bar.Rate}")), Summary = Summary(read.Summary()), Recomputed = Summary(read.Recompute()) };
            }),
            Landed = landed.Select(file =>
            {
                LandedCandles candles = CandleParquet.Read(new MemoryStream(file), "the golden one");
                return new { candles.Key, candles.Registration, candles.Symbol, candles.FetchedAt, candles.Quarantined, Slots = candles.Candles.Slots.ToArray(), More = candles.Candles.More is not null, Values = AnyLanded.Texts(candles) };
            }),
            Event = new { bars.Tokens, bars.Times, bars.Rates, bars.CoveredFrom, bars.Defects },
        });
    }

    [Theory]
    [InlineData(Month)]
    [InlineData(Tail)]
    public void A_segment_of_the_first_version_is_what_this_one_makes_of_its_bars(string name)
    {
        Segment read = Segment.Open(File.ReadAllBytes(GoldenFiles.Path("1", name)), name);
        HistoryChange change = TokenHistory.Empty.With((Bar[])[.. read.ToBars()], default, SegmentSet.Empty, 0);
        Segment made = change.Sealed.Count > 0 ? change.Sealed[0].Segment : change.History.Tail!;

        Assert.Equal(read.Recompute(), read.Summary());
        Assert.Equal(read.Summary(), made.Summary() + (change.Sealed.Count > 0 ? change.History.Tail!.Summary() : RateSummary.Empty));
        Assert.Equal(read.Bytes.Span[0], made.Bytes.Span[0]);
    }

    private static object Summary(RateSummary summary) => new
    {
        summary.FirstSlot, summary.LastSlot, summary.Count, summary.First, summary.Last, summary.High, summary.Low, summary.MaxDrawdown, LogReturn = ((System.Numerics.BigInteger)summary.LogReturns).ToString(CultureInfo.InvariantCulture),
        SquaredReturn = (((System.Numerics.BigInteger)summary.SquaredReturns.Upper << 128) + summary.SquaredReturns.Lower).ToString(CultureInfo.InvariantCulture),
    };
}
