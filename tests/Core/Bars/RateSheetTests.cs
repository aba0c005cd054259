using System.Globalization;
using CsCheck;

namespace Pnl.Tests.Core.Bars;

public sealed class RateSheetTests
{
    private const long Noon = 1_709_640_000; // 2024-03-05T12:00:00Z

    private static readonly string[] Months = ["2022-03-14", "2022-03-15", "2022-03-16"];

    [Fact]
    public void Minutes_fold_into_the_close_of_the_last_one_and_only_where_that_is_there()
    {
        // 12:00 to 12:12, and 12:07 is absent: 12:05 has its end all the same, 12:10 has not.
        RateReading read = Read(Enumerable.Range(0, 13).Where(i => i != 7).Select(i => Row(i + 2, Noon + 60 * i, 500 + i)));
        Assert.Equal(["5m 12:00 504", "5m 12:05 509"], Bars(read));
        Assert.Equal([12L, 13L, 14L], read.Aside.Select(row => row.Line));
        Assert.All(read.Aside, row => Assert.Equal("bar.incomplete", row.Code));
        Assert.Equal((12, 7), (read.Rows, read.Folded));
        Assert.Equal("1-minute candles: 12 rows make 2 bars of 5m, each with the close of the last one; 3 rows make none, since the candle at the end of theirs is absent", Assert.Single(read.Notes));
    }

    [Theory]
    [InlineData(180, 40, "15m 12:00 4,15m 12:15 9,15m 12:30 14,15m 12:45 19,15m 13:00 24,15m 13:15 29,15m 13:30 34,15m 13:45 39")]
    [InlineData(1_800, 5, "1h 12:00 1,1h 13:00 3")]
    [InlineData(600, 12, "1h 12:00 5,1h 13:00 11")]
    [InlineData(600, 3, "5m 12:00 0,5m 12:10 1,5m 12:20 2")] // a few, which may be bars with holes
    [InlineData(900, 3, "15m 12:00 0,15m 12:15 1,15m 12:30 2")]
    [InlineData(3_600, 3, "1h 12:00 0,1h 13:00 1,1h 14:00 2")]
    [InlineData(14_400, 3, "4h 12:00 0,4h 16:00 1,4h 20:00 2")]
    [InlineData(300, 3, "5m 12:00 0,5m 12:05 1,5m 12:10 2")]
    public void Candles_of_any_length_make_the_bars_that_they_fill(int seconds, int count, string bars) =>
        Assert.Equal(bars.Split(','), Bars(Read(Enumerable.Range(0, count).Select(i => Row(i, Noon + seconds * i, i + 1)), addOne: -1)));

    [Fact]
    public void Of_points_in_time_the_last_one_in_five_minutes_counts_whatever_their_order()
    {
        (long Second, int Nano, decimal Rate)[] points = [(197, 0, 11), (299, 5, 12), (299, 4, 13), (450, 0, 14), (300, 0, 15), (1_234, 0, 16)];
        foreach (var order in new[] { points, [.. points.Reverse()], [.. points.OrderBy(p => p.Second)] })
        {
            RateReading read = Read(order.Select((p, i) => Row(i + 2, Noon + p.Second, p.Rate, p.Nano)));
            Assert.Equal(["5m 12:00 12", "5m 12:05 14", "5m 12:20 16"], Bars(read));
            Assert.Equal(3, read.Folded);
            Assert.Empty(read.Aside);
        }
    }

    [Fact]
    public void A_stray_row_between_bars_is_the_last_of_its_five_minutes()
    {
        RateReading read = Read([Row(2, Noon, 1), Row(3, Noon + 300, 2), Row(4, Noon + 497, 3), Row(5, Noon + 600, 4), Row(6, Noon + 1_000, 5), Row(7, Noon + 1_200, 6)]);
        Assert.Equal(["5m 12:00 1", "5m 12:05 3", "5m 12:10 4", "5m 12:15 5", "5m 12:20 6"], Bars(read));
        Assert.Contains("2 of them off the grid", Assert.Single(read.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Dates_are_days()
    {
        RateSheet sheet = new();
        foreach ((string date, int i) in Months.Select((date, i) => (date, i)))
        {
            OpenTime.Read(date, out RateTime time);
            sheet.Add(RateRow.Of(i + 2, BarDefect.None, time, BarDefect.None, i + 5, false));
        }

        RateReading read = sheet.ToReading("X");
        RateRun days = Assert.Single(read.Runs);
        Assert.Equal(Interval.Day, days.Interval);
        Assert.Equal("2022-03-14T23:55:00Z", BarTime.Open(days.Slots[0]).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Assert.Contains("are days, and not candles of 1h", Assert.Throws<RateFileException>(() => sheet.ToReading("X", given: 3_600)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Days_then_hours_then_five_minutes_are_each_what_they_are()
    {
        long midnight = Noon - 43_200;
        IEnumerable<RateRow> rows = Enumerable.Range(0, 30).Select(i => Row(i, midnight + 86_400L * i, 1 + i))
            .Concat(Enumerable.Range(0, 48).Select(i => Row(100 + i, midnight + 30 * 86_400L + 3_600 * i, 101 + i)))
            .Concat(Enumerable.Range(0, 500).Select(i => Row(200 + i, midnight + 32 * 86_400L + 300 * i, 201 + i)));
        RateReading read = Read(rows);
        Assert.Equal([(Interval.Day, 30), (Interval.Hour, 48), (Interval.FiveMinutes, 500)], read.Runs.Select(run => (run.Interval, run.Slots.Length)));
        Assert.Equal(BarTime.SlotAtSeconds(midnight + 86_400) - 1, read.Runs[0].Slots[0]);
        Assert.Equal(BarTime.SlotAtSeconds(midnight + 30 * 86_400L + 3_600) - 1, read.Runs[1].Slots[0]);
        Assert.Equal(BarTime.SlotAtSeconds(midnight + 32 * 86_400L), read.Runs[2].Slots[0]);
        Assert.Equal(["daily rates: 30 bars of 1d, each known at the end of its period", "hourly rates: 48 bars of 1h, each known at the end of its period", "500 bars of 5m"], read.Notes);
    }

    [Fact]
    public void Days_that_stand_at_2355_already_are_bars_as_they_are()
    {
        long last = Noon + 43_200 - 300;
        RateReading read = Read(Enumerable.Range(0, 40).Select(i => Row(i, last + 86_400L * i, 1 + i)));
        Assert.Equal(Interval.FiveMinutes, Assert.Single(read.Runs).Interval);
        Assert.Equal(BarTime.SlotAtSeconds(last), read.Runs[0].Slots[0]);
    }

    [Theory]
    [InlineData("0", "one row tells no interval")]
    [InlineData("0 3600 9000 21600", "at irregular distances")]
    [InlineData("0 86400 172800", "mostly 1d apart, but do not open at such periods in UTC")] // noon to noon
    [InlineData("43200 648000 1252800", "no longer periods than a day")]
    public void What_is_not_clear_is_refused_with_the_way_out(string offsets, string why)
    {
        RateRow[] rows = [.. offsets.Split(' ').Select((text, i) => Row(i, Noon + long.Parse(text, CultureInfo.InvariantCulture), 5))];
        string message = Assert.Throws<RateFileException>(() => Read(rows)).Message;
        Assert.Contains(why, message, StringComparison.Ordinal);
        Assert.Contains("--interval", message, StringComparison.Ordinal);
        Assert.NotEmpty(Bars(Read(rows, given: 300)));
    }

    [Fact]
    public void What_is_said_to_be_other_than_it_can_be_is_refused_with_advice()
    {
        RateRow[] minutes = [.. Enumerable.Range(0, 10).Select(i => Row(i, Noon + 60 * i, 5 + i))];
        Assert.Contains("They look like 1-minute candles: --interval 1m.", Assert.Throws<RateFileException>(() => Read(minutes, given: 300)).Message, StringComparison.Ordinal);
        Assert.Contains("rows 1m apart, so they are no candles of 1h", Assert.Throws<RateFileException>(() => Read(minutes, given: 3_600)).Message, StringComparison.Ordinal);
        Assert.Equal(2, Read(minutes, given: 60).Bars);
        Assert.Contains("by its name, and its rows are not", Assert.Throws<RateFileException>(() => Read(minutes, named: 300)).Message, StringComparison.Ordinal);
        Assert.Equal(1, Read(minutes[..1], named: 86_400 / 2 / 12).Bars); // one row at noon, of 1h by the name
    }

    [Fact]
    public void Of_rows_of_the_same_time_the_later_one_counts_and_the_others_are_told()
    {
        RateRow[] rows = [Row(2, Noon, 1), Row(3, Noon + 300, 2), Row(4, Noon + 300, 3), Row(5, Noon + 600, 4), Row(6, Noon + 600, 4), Row(7, Noon + 900, 5)];
        RateReading read = Read(rows);
        Assert.Equal(["5m 12:00 1", "5m 12:05 3", "5m 12:10 4", "5m 12:15 5"], Bars(read));
        Assert.Equal((1, "time.repeated", 3L), (read.Folded, read.Aside.Single().Code, read.Aside[0].Line));
        Assert.Contains("1 rows repeat the time of another with another rate, up to 50 % apart: the later one counts", read.Notes);

        // The newest first: then what stands above is the later one.
        Assert.Equal(["5m 12:00 1", "5m 12:05 3", "5m 12:10 4", "5m 12:15 5"], Bars(Read(rows.Reverse())));
    }

    [Fact]
    public void In_any_order_and_with_any_repetition_the_bars_are_the_same() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[0, 100_000], Gen.OneOf(Gen.Const(60), Gen.Const(180), Gen.Const(300), Gen.Const(1_800), Gen.Const(3_600), Gen.Const(86_400))).Sample((count, seed, seconds) =>
        {
            long midnight = Noon - 43_200;
            RateRow[] rows = [.. Enumerable.Range(0, count + 2).Select(i => Row(i, midnight + (long)seconds * i, 1 + i))];
            Random random = new(seed);
            RateRow[] more = [.. rows, .. Enumerable.Range(0, count / 2).Select(_ => rows[random.Next(rows.Length)])];
            random.Shuffle(more);
            RateReading one = Read(rows), other = Read(more);
            Assert.Equal(Bars(one), Bars(other));
            Assert.Equal(one.Aside.Count, other.Aside.Count);
            Assert.Equal(one.Folded + more.Length - rows.Length, other.Folded + other.Aside.Count - one.Aside.Count);

            // Every row is a bar, folded or set aside; and no bar is known before the last candle that it is made of.
            Assert.Equal(other.Rows, other.Bars + other.Folded + other.Aside.Count);
            Assert.All(one.Runs.SelectMany(run => run.Slots.Zip(run.Rates)), bar => Assert.Equal(midnight + seconds * (long)(bar.Second - 1) + seconds, BarTime.CloseSeconds(bar.First)));
        });

    [Fact]
    public void The_unit_of_each_time_does_not_matter() =>
        Gen.Int[0, 3].Array[3, 40].Sample(units =>
        {
            RateSheet mixed = new();
            for (int i = 0; i < units.Length; i++)
            {
                string text = (Noon + 300 * i).ToString(CultureInfo.InvariantCulture) + new string('0', 3 * units[i]);
                Assert.Equal(BarDefect.None, OpenTime.Read(text, out RateTime time));
                mixed.Add(RateRow.Of(i, BarDefect.None, time, BarDefect.None, 1 + i, false));
            }

            Assert.Equal(Bars(Read(units.Select((_, i) => Row(i, Noon + 300 * i, 1 + i)))), Bars(mixed.ToReading("X")));
        });

    private static RateRow Row(long line, long seconds, decimal rate, int nanoseconds = 0) =>
        RateRow.Of(line, BarDefect.None, new RateTime(seconds, nanoseconds), BarDefect.None, rate, false);

    private static RateReading Read(IEnumerable<RateRow> rows, int? given = null, int? named = null, int addOne = 0)
    {
        RateSheet sheet = new();
        foreach (RateRow row in rows)
        {
            sheet.Add(addOne == 0 ? row : row with { Rate = row.Rate + 100 });
        }

        RateReading read = sheet.ToReading("X-USD.csv", given, named);
        return addOne == 0 ? read : new()
        {
            Runs = [.. read.Runs.Select(run => run with { Rates = [.. run.Rates.Select(rate => rate - 101)] })], Aside = read.Aside, Rows = read.Rows, Folded = read.Folded, Rounded = read.Rounded, Notes = read.Notes,
        };
    }

    private static string[] Bars(RateReading read) => [.. read.Runs.SelectMany(run => run.Slots.Zip(run.Rates).Select(bar => string.Create(
        CultureInfo.InvariantCulture, $"{run.Interval.Name()} {DateTimeOffset.FromUnixTimeSeconds(BarPeriod.OpenSeconds(run.Interval, bar.First)):HH:mm} {bar.Second}")))];
}
