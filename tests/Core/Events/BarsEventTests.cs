using System.Globalization;
using System.Text;
using CsCheck;

namespace Pnl.Tests.Core.Events;

/// <summary>The documented event: what is written is read again digit for digit, and whatever else there is gets a reason.</summary>
public sealed class BarsEventTests
{
    private const long Open = 1_764_086_400;

    private static readonly Gen<decimal> Rate = Gen.Select(Gen.Long[1, long.MaxValue], Gen.Int[0, 18], (mantissa, scale) => new decimal((int)mantissa, (int)(mantissa >> 32), 0, false, (byte)scale));

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(Gen.Int[0, 99], Gen.Int[0, 5_000_000], Rate).Array[0, 50].Sample(bars =>
        {
            string[] tokens = Array.ConvertAll(bars, bar => $"token-{bar.Item1}");
            long[] times = Array.ConvertAll(bars, bar => BarTime.OpenSeconds(bar.Item2));
            decimal[] rates = Array.ConvertAll(bars, bar => bar.Item3);
            foreach (long[]? covered in (long[]?[])[null, [.. times.Select(time => Math.Max(0, time - 600))]])
            {
                BarsEvent read = BarsEvent.Read(BarsEvent.Write(tokens, times, rates, covered));
                Assert.Empty(read.Defects);
                Assert.Equal(tokens, read.Tokens);
                Assert.Equal(times, read.Times);
                Assert.Equal(rates, read.Rates);
                Assert.Equal(covered, read.CoveredFrom);
            }
        });

    [Fact]
    public void Times_and_rates_may_be_written_in_every_way_that_the_api_takes()
    {
        BarsEvent read = Read("""
             {"rate":[1e-3,"0.25",7.50], "coveredFrom":[1764086100,1764086100,1764086100],
              "time":[1764086400, 1764086400000, "2025-11-25T16:00:00Z"], "token":["a","b.c","d_e-f"], "version":1}
            """);
        Assert.Empty(read.Defects);
        Assert.Equal(["a", "b.c", "d_e-f"], read.Tokens);
        Assert.Equal([Open, Open, Open], read.Times);
        Assert.Equal([0.001m, 0.25m, 7.5m], read.Rates);
    }

    [Theory]
    [InlineData("", "event.malformed")]
    [InlineData("null", "event.malformed")]
    [InlineData("[]", "event.malformed")]
    [InlineData("{", "event.malformed")]
    [InlineData("""{"version":1,"token":["a"],"time":[0],"rate":[1]} more""", "event.malformed")]
    [InlineData("""{"version":1,"token":["a"],"time":[0],"rate":[1],"rate":[1]}""", "event.malformed")]
    [InlineData("""{"version":1,"token":["a"],"time":[0],"rate":[1],"volume":[1]}""", "event.malformed")]
    [InlineData("""{"version":1,"token":["a"],"time":[0]}""", "event.malformed")]
    [InlineData("""{"version":1,"token":"a","time":[0],"rate":[1]}""", "event.malformed")]
    [InlineData("""{"version":1,"token":["a"],"time":[0],"rate":[[1]]}""", "event.malformed")]
    [InlineData("""{"version":1,"token":["\ud800"],"time":[0],"rate":[1]}""", "event.malformed")]
    [InlineData("""{"token":["a"],"time":[0],"rate":[1]}""", "event.version")]
    [InlineData("""{"version":2,"bars":"of another kind"}""", "event.version")]
    [InlineData("""{"version":"1","token":["a"],"time":[0],"rate":[1]}""", "event.version")]
    [InlineData("""{"version":1,"token":["a","b"],"time":[0],"rate":[1]}""", "columns.unequal")]
    [InlineData("""{"version":1,"token":["a"],"time":[0],"rate":[1],"coveredFrom":[]}""", "columns.unequal")]
    public void An_event_that_is_none_gets_a_reason(string body, string code)
    {
        BarsEvent read = Read(body);
        Assert.Empty(read.Tokens);
        EventDefect defect = Assert.Single(read.Defects);
        Assert.Equal((null, code), (defect.Token, defect.Code));
        Assert.NotEmpty(defect.Detail);
    }

    [Fact]
    public void Whatever_the_bytes_nothing_is_thrown() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Assert.Single(BarsEvent.Read(bytes).Defects));

    [Fact]
    public void A_body_cut_or_changed_anywhere_is_read_or_gets_a_reason()
    {
        byte[] body = BarsEvent.Write(["btc", "eth"], [Open, Open + 300], [87_123.5m, 0.000012m], [Open, Open]);
        Gen.Select(Gen.Int[0, body.Length - 1], Gen.Byte, Gen.Bool).Sample((at, value, isCut) =>
        {
            byte[] changed = isCut ? body[..at] : [.. body[..at], value, .. body[(at + 1)..]];
            BarsEvent read = BarsEvent.Read(changed);
            Assert.True(read.Tokens.Length + read.Defects.Count(defect => defect.Token is not null) == 2 || read.Defects is [{ Token: null }]);
        });
    }

    [Theory]
    [InlineData("\"Not An Id\"", "0", "1", "id.malformed", "Not An Id")]
    [InlineData("7", "0", "1", "id.malformed", "")]
    [InlineData("\"a\"", "1", "1", "time.unaligned", "a")]
    [InlineData("\"a\"", "\"soon\"", "1", "time.malformed", "a")]
    [InlineData("\"a\"", "-300", "1", "time.outOfRange", "a")]
    [InlineData("\"a\"", "0", "null", "rate.missing", "a")]
    [InlineData("\"a\"", "0", "\"NaN\"", "rate.malformed", "a")]
    [InlineData("\"a\"", "0", "0", "rate.zero", "a")]
    [InlineData("\"a\"", "0", "-1", "rate.negative", "a")]
    [InlineData("\"a\"", "0", "1.00000000000000000000000000001", "rate.tooPrecise", "a")]
    [InlineData("\"a\"", "0", "1e40", "rate.tooLarge", "a")]
    public void A_bar_that_cannot_be_taken_gets_a_reason_and_the_others_are_taken(string token, string time, string rate, string code, string named)
    {
        BarsEvent read = Read($$"""{"version":1,"token":["x",{{token}},"y"],"time":[300,{{time}},600],"rate":[1,{{rate}},2]}""");
        Assert.Equal(["x", "y"], read.Tokens);
        Assert.Equal([300, 600], read.Times);
        Assert.Equal([1m, 2m], read.Rates);
        EventDefect defect = Assert.Single(read.Defects);
        Assert.Equal((named, code), (defect.Token, defect.Code));
        Assert.StartsWith("bar 1:", defect.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_limits_which_a_writer_is_told_of_and_a_reader_keeps()
    {
        string[] tokens = [.. Enumerable.Range(0, BarsEvent.MostBars).Select(i => i.ToString(CultureInfo.InvariantCulture))];
        long[] times = new long[BarsEvent.MostBars];
        decimal[] rates = [.. tokens.Select(_ => 1m)];
        byte[] most = BarsEvent.Write(tokens, times, rates);
        Assert.Equal(BarsEvent.MostBars, BarsEvent.Read(most).Tokens.Length);
        Assert.Throws<ArgumentException>(() => BarsEvent.Write([.. tokens, "one-more"], [.. times, 0], [.. rates, 1]));
        string beyond = string.Join(',', Enumerable.Repeat("1", BarsEvent.MostBars + 1));
        Assert.Equal("event.tooLarge", Assert.Single(Read($$"""{"version":1,"token":[{{beyond}}],"time":[{{beyond}}],"rate":[{{beyond}}]}""").Defects).Code);
        Assert.Equal("event.tooLarge", Assert.Single(BarsEvent.Read(new byte[BarsEvent.MostBytes + 1]).Defects).Code);
        string[] names = [.. tokens.Select(token => token.PadLeft(TokenId.MaxLength, 'a'))];
        Assert.Throws<ArgumentException>(() => BarsEvent.Write(names, times, Array.ConvertAll(rates, _ => 1.234567890123456789012345678m), [.. times.Select(_ => Open)]));
    }

    private static BarsEvent Read(string body) => BarsEvent.Read(Encoding.UTF8.GetBytes(body));
}
