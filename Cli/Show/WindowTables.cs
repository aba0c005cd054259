using System.Globalization;
using Pnl.Cli.Server;
using Pnl.Cli.Tokens;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Pnl.Cli.Show;

/// <summary>The windows of a token: one table where it is wide enough for it, else what was gained apart from how rough it was.</summary>
internal static class WindowTables
{
    private static readonly string[] Names = ["5m", "1h", "24h", "7d", "30d", "90d", "1y", "ytd", "inception"];

    private sealed record Column(string Title, Func<WindowAnswer, Text> Cell);

    public static void Write(IAnsiConsole console, IReadOnlyDictionary<string, WindowAnswer> windows)
    {
        List<Column> gained =
        [
            new("start rate", w => new(Exact(w.StartRate))), new("PnL", w => new(Exact(w.Pnl), Sign(w))), new("return", w => new(Percent(w.Return), Sign(w))),
        ];
        List<Column> rough =
        [
            new("high", w => new(Exact(w.High))), new("low", w => new(Exact(w.Low))), new("max drawdown", w => new(Percent(w.MaxDrawdown))), new("volatility p.a.", w => new(Percent(w.Volatility))),
        ];
        List<Column> counted = [new("bars", w => new(string.Create(CultureInfo.InvariantCulture, $"{w.Bars:N0}/{w.ExpectedBars:N0}")))];
        if (windows.Values.Any(w => !Coarseness.IsFinest(w.Interval)))
        {
            counted.Add(new("interval", w => new(w.Interval ?? Coarseness.Finest)));
        }

        Table whole = Of(windows, [.. gained, .. rough, .. counted]);
        int width = console.Profile.Width;
        if (((IRenderable)whole).Measure(RenderOptions.Create(console), int.MaxValue).Max <= width)
        {
            console.Write(Noted(whole, windows));
        }
        else
        {
            console.Write(Of(windows, [.. gained, .. counted]));
            console.Write(Noted(Of(windows, [.. rough]), windows));
        }
    }

    private static Table Of(IReadOnlyDictionary<string, WindowAnswer> windows, IReadOnlyList<Column> columns)
    {
        Table table = new Table().Border(TableBorder.Rounded).AddColumn("window");
        foreach (Column column in columns)
        {
            table.AddColumn(new TableColumn(column.Title).RightAligned());
        }

        foreach (string name in Names)
        {
            if (windows.TryGetValue(name, out WindowAnswer? w))
            {
                table.AddRow([new Text(w.Partial ? name + "*" : name), .. columns.Select(column => column.Cell(w))]);
            }
        }

        return table;
    }

    private static Table Noted(Table table, IReadOnlyDictionary<string, WindowAnswer> windows) =>
        windows.Values.Any(w => w.Partial) ? table.Caption("* partial: the window begins before the first bar") : table;

    private static Style Sign(WindowAnswer window) => window.Pnl switch
    {
        > 0 => new Style(Color.Green),
        < 0 => new Style(Color.Red),
        _ => Style.Plain,
    };

    private static string Exact(decimal? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private static string Percent(double? fraction) =>
        fraction is { } f ? (f * 100).ToString("#,0.00", CultureInfo.InvariantCulture) + " %" : "–";
}
