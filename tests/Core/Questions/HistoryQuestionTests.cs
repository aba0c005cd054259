using CsCheck;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Core.Questions;

/// <summary>A question names all the months that its answer looks into, and none that the history does not have.</summary>
public sealed class HistoryQuestionTests
{
    private static readonly Gen<Interval> Intervals = Gen.Enum<Interval>();

    private static readonly Gen<int?> MaxPoints = Gen.Int[0, 40].Select(points => points < 4 ? (int?)null : points);

    [Fact]
    public void A_window_is_the_same_from_the_months_it_names_as_from_all() => Sample((token, from, to) =>
    {
        WindowQuestion question = new(from, to, BarTime.Close(token.History.Life.LastSlot + 100));
        (Window? window, bool isComplete) = Same(token, question);
        if (from is { } begin && to is { } end && begin <= end && end <= question.Now)
        {
            Assert.Equal(token.Window(begin.ToUnixTimeSeconds(), end.ToUnixTimeSeconds()), window);
        }

        if (from is null && to is null)
        {
            Assert.Equal(token.IsComplete(token.History.LifeRange with { From = token.History.Life.FirstSlot + 1 }), isComplete);
        }
    });

    [Fact]
    public void Series_and_candles_are_the_same_from_the_months_they_name_as_from_all() =>
        Gen.Select(Tokens, Intervals, MaxPoints, Gen.Int[1, 500], Gen.Int[0, 100], Gen.Int[0, 100]).Sample((token, interval, maxPoints, limit, a, b) =>
        {
            Periods periods = new(At(token, Math.Min(a, b)), At(token, Math.Max(a, b)), null, interval, limit, maxPoints);
            PeriodsAnswer<RateSeries> series = Same(token, new SeriesQuestion(periods), answer => (answer.AsOf, answer.IsComplete, answer.Interval, string.Join(' ', answer.Points.Time), string.Join(' ', answer.Points.Rate)));
            PeriodsAnswer<CandleSeries> candles = Same(token, new CandlesQuestion(periods), answer => (answer.AsOf, answer.IsComplete, answer.Interval, string.Join(' ', answer.Points.Time), string.Join(' ', answer.Points.Close)));
            Assert.Equal((series.AsOf, series.IsComplete), (candles.AsOf, candles.IsComplete));

            // A page further on says the same of all pages together as the first one.
            Periods next = periods with { From = At(token, Math.Max(a, b)), RangeFrom = periods.From };
            Assert.Equal((series.AsOf, series.IsComplete), (token.Ask(new SeriesQuestion(next)).AsOf, token.Ask(new SeriesQuestion(next)).IsComplete));
        }, iter: Effort.Of(500));

    [Fact]
    public void Rates_at_times_and_fingerprints_are_the_same_from_the_months_they_name_as_from_all() =>
        Gen.Select(Tokens, Gen.Int[-5, 105].Array[0, 6], Gen.Int[0, 100].Array[0, 2]).Sample((token, at, digested) =>
        {
            int[] Slots(int[] places) => Array.ConvertAll(places, place => SlotAt(token, place));
            (Bar?[] bars, ulong[] digests) = Same(token, new RatesAtQuestion(Slots(at), Slots(digested)), answer => (string.Join(' ', answer.Bars), string.Join(' ', answer.Digests)));
            Assert.Equal(Array.ConvertAll(Slots(at), slot => token.RateAt(slot)), Array.ConvertAll(bars, bar => bar?.Rate));
            Assert.Equal(digested.Length, digests.Length);
        }, iter: Effort.Of(500));

    [Fact]
    public void Rolling_windows_and_gaps_are_the_same_from_the_months_they_name_as_from_all() => Sample((token, _, _) =>
    {
        (RollingEdges edges, bool isComplete) = token.Ask(new RollingQuestion(RollingEdges.None, WithCompleteness: true));
        Assert.Equal(token.History.RollingWindows(All(token)), token.History.RollingWindows(edges));
        Assert.Equal(token.IsComplete(token.History.LifeRange), isComplete);
        Assert.Empty(new RollingQuestion(edges, WithCompleteness: false).Months(token.History));
        Same(token, new GapsQuestion(), gaps => string.Join(' ', gaps));
    });

    [Fact]
    public void What_is_left_without_some_bars_is_the_same_from_the_months_it_names_as_from_all() => Sample((token, from, to) =>
    {
        SlotRange range = new(from is { } begin ? BarTime.SlotAt(begin) : 0, to is { } end ? BarTime.SlotAt(end) : int.MaxValue);
        Same(token, new WithoutQuestion(range, 0), change => (change.IsChange, change.History.Life.Count, string.Join(' ', change.History.Months)));
    });

    private static Gen<KeptToken> Tokens => Gen.Select(AnyHistory.Bars, Gen.Int[0, 3]).Select((bars, read) =>
    {
        KeptToken token = new();
        token.Take(bars, read == 0 ? default : new(bars[0].Slot, bars[bars.Length * read / 3 - (read == 3 ? 1 : 0)].Slot + 1));
        return token;
    });

    private static void Sample(Action<KeptToken, DateTimeOffset?, DateTimeOffset?> check) =>
        Gen.Select(Tokens, Gen.Int[-10, 105], Gen.Int[-10, 105]).Sample(
            (token, from, to) => check(token, from < -5 ? null : At(token, from), to < -5 ? null : At(token, to)), iter: Effort.Of(500));

    /// <summary>A time at a place of a token's life, which is from 0 to 100; two minutes behind the begin of a bar.</summary>
    private static DateTimeOffset At(KeptToken token, int place) => BarTime.Open(Math.Max(0, SlotAt(token, place))).AddMinutes(place % 2 * 2);

    private static int SlotAt(KeptToken token, int place)
    {
        RateSummary life = token.History.Life;
        return (int)(life.FirstSlot + (long)(life.LastSlot - life.FirstSlot) * place / 100);
    }

    private static SegmentSet All(KeptToken token)
    {
        SegmentSet all = new();
        foreach ((int month, byte[] bytes) in token.Store)
        {
            all.Add(month, Segment.Open(bytes, $"month {month}"));
        }

        return all;
    }

    private static T Same<T>(KeptToken token, IHistoryQuestion<T> question) => Same(token, question, answer => answer);

    /// <summary>The answer, of which what is told of it is equal to what is told of that from all months.</summary>
    private static T Same<T, TTold>(KeptToken token, IHistoryQuestion<T> question, Func<T, TTold> told)
    {
        Assert.Subset(token.Store.Keys.ToHashSet(), question.Months(token.History).ToHashSet());
        T answer = token.Ask(question);
        Assert.Equal(told(question.Answer(token.History, All(token))), told(answer));
        return answer;
    }
}
