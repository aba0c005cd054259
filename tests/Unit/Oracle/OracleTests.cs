using Pnl.Tests.Core.History;
using Pnl.Tests.Core.Series;
using Pnl.Tests.Core.Windows;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Oracle;

/// <summary>The engine against SQL over real markets: money exactly, statistics to 1e-9.</summary>
public sealed class OracleTests
{
    [Theory]
    [InlineData("5m/bitfinex/BTC-USD.csv.gz")] // 2013 to 2017, with gaps, crashes and prints of 1 dollar
    [InlineData("5m/binance2021/SOL-USDT.csv.gz")]
    [InlineData("5m/binance2024/PEPE-USDT.csv.gz")] // some 0.00001
    public void Windows_and_series_of_a_real_market_equal_those_of_sql(string file)
    {
        using Sql sql = new(MarketData.Require(file));
        Bar[] bars = sql.Bars();
        KeptToken token = KeptToken.Of(bars, TokenHistory.Stagger(file));

        Window[] windows = token.RollingWindows();
        for (int i = 0; i < windows.Length; i++)
        {
            WindowAssert.Equal(sql.WindowOf(windows[i].From, windows[i].To), windows[i], RollingWindow.All[i].Name);
        }

        // Each calendar year, whose ends fall on no window of the above.
        for (int year = BarTime.Open(bars[0].Slot).Year; year <= BarTime.Open(bars[^1].Slot).Year; year++)
        {
            long from = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
            long to = new DateTimeOffset(year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
            WindowAssert.Equal(sql.WindowOf(from, to), token.Window(from, to), $"{year}");
        }

        SeriesTests.Same(sql.SeriesBy("day"), token.Series(token.History.LifeRange, Interval.Day));
        SeriesTests.Same(sql.SeriesBy("week"), token.Series(token.History.LifeRange, Interval.Week));
        SeriesTests.Same(sql.SeriesBy("month"), token.Series(token.History.LifeRange, Interval.Month));
        SeriesTests.Same(sql.SeriesBy("hour"), token.Series(token.History.LifeRange, Interval.Hour));
    }
}
