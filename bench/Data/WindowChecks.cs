namespace Pnl.Bench.Data;

/// <summary>That a peer's windows are ours before anybody times them.</summary>
internal static class WindowChecks
{
    private const double Tolerance = 1e-9;

    /// <summary>Compares rows of <see cref="Peers.WindowQueries"/> with the engine's windows and with refolded ones.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void Same(IReadOnlyList<StoredToken> tokens, List<double[]> rows, string peer)
    {
        int all = RollingWindow.All.Length;
        Same(rows.Count, tokens.Count * all, $"{peer}: rows");
        for (int t = 0; t < tokens.Count; t++)
        {
            Window[] windows = tokens[t].History.RollingWindows(tokens[t].Sealed);
            RateSummary[] refolded = RefoldedWindows.Of(tokens[t]);
            for (int w = 0; w < all; w++)
            {
                Window window = windows[w];
                RateSummary fold = refolded[w];
                string name = $"{tokens[t].Bars.Id} {RollingWindow.All[w].Name}";
                if (window.High != fold.High || window.Low != fold.Low || window.StartRate != fold.First || window.Pnl != fold.Last - fold.First
                    || window.MaxDrawdown != fold.MaxDrawdown || window.Volatility != fold.Volatility)
                {
                    throw new InvalidOperationException($"{name}: the windows from summaries are not those from bars");
                }

                double[] row = rows[t * all + w];
                double rate = (double)window.EndRate!;
                Same(row[2] / rate, (double)window.StartRate! / rate, $"{peer}: start rate of {name}");
                Same(row[3] / rate, (double)window.Pnl! / rate, $"{peer}: PnL of {name}");
                Same(row[4] / rate, (double)window.High! / rate, $"{peer}: high of {name}");
                Same(row[5] / rate, (double)window.Low! / rate, $"{peer}: low of {name}");
                Same(row[6], window.MaxDrawdown!.Value, $"{peer}: drawdown of {name}");
                Same(row[7], window.Volatility ?? double.NaN, $"{peer}: volatility of {name}");
                Same(row[8], window.Bars, $"{peer}: bars of {name}");
            }
        }
    }

    /// <summary>Compares two figures in units of a third.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static void Same(double theirs, double ours, double unit, string what) => Same(theirs / unit, ours / unit, what);

    private static void Same(double theirs, double ours, string what)
    {
        bool same = double.IsNaN(ours) ? double.IsNaN(theirs) : Math.Abs(theirs - ours) <= Tolerance * Math.Max(1, Math.Abs(ours));
        if (!same)
        {
            throw new InvalidOperationException($"{what}: {theirs:r} instead of {ours:r}");
        }
    }
}
