using Pnl.Cli.Output;
using Pnl.Grains;
using Spectre.Console;

namespace Pnl.Cli.Show;

/// <summary>The windows of a token: what was gained, and how rough it was.</summary>
internal static class WindowTables
{
    private static readonly string[] Names = ["5m", "1h", "24h", "7d", "30d", "90d", "1y", "ytd", "inception"];

    public static Sheet<(string Name, WindowPnl Pnl)> Sheet(IReadOnlyDictionary<string, WindowPnl> windows)
    {
        List<Column<(string Name, WindowPnl Pnl)>> columns =
        [
            new("window", w => w.Pnl.Partial ? w.Name + "*" : w.Name), new("start rate", w => w.Pnl.StartRate), new("PnL", w => w.Pnl.Pnl, Sign), new("return", w => Fraction.Of(w.Pnl.Return), Sign),
            new("high", w => w.Pnl.High), new("low", w => w.Pnl.Low), new("max drawdown", w => Fraction.Of(w.Pnl.MaxDrawdown)), new("volatility p.a.", w => Fraction.Of(w.Pnl.Volatility)),
            new("bars", w => w.Pnl.Bars), new("expected", w => w.Pnl.ExpectedBars),
        ];
        if (windows.Values.Any(w => w.Interval != Interval.FiveMinutes))
        {
            columns.Add(new("interval", w => w.Pnl.Interval));
        }

        return new([.. Names.Where(windows.ContainsKey).Select(name => (name, windows[name]))], columns)
        {
            Caption = windows.Values.Any(w => w.Partial) ? "* partial: the window begins before the first bar" : null,
        };
    }

    private static Style Sign((string Name, WindowPnl Pnl) window) => window.Pnl.Pnl?.Sign switch
    {
        > 0 => new Style(Color.Green),
        < 0 => new Style(Color.Red),
        _ => Style.Plain,
    };
}
