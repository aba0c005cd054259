using System.Globalization;

namespace Pnl.Cli.Show;

/// <summary>
/// A series drawn with braille characters, two dots wide and four high each. Rates that span more than a factor of 20
/// are drawn on a logarithmic scale: the early years of a token would be a flat line otherwise.
/// </summary>
internal static class LifeChart
{
    private const double LogarithmicFrom = 20;
    private const int FirstBraille = 0x2800;

    // The bit of each dot in a braille character, by row and column.
    private static readonly int[,] Dots = { { 0x01, 0x08 }, { 0x02, 0x10 }, { 0x04, 0x20 }, { 0x40, 0x80 } };

    /// <summary>Whether rates from low to high are drawn on a logarithmic scale.</summary>
    public static bool IsLogarithmic(decimal low, decimal high) => low > 0 && (double)high / (double)low > LogarithmicFrom;

    /// <summary>Lines of equal width, the top one first; none for an empty series.</summary>
    /// <param name="times">Unix seconds, ascending.</param>
    /// <param name="rates">As many rates.</param>
    /// <param name="width">Characters in a line.</param>
    /// <param name="height">Lines.</param>
    public static string[] Draw(ReadOnlySpan<long> times, ReadOnlySpan<decimal> rates, int width, int height)
    {
        if (times.IsEmpty || width < 1 || height < 1)
        {
            return [];
        }

        (decimal low, decimal high) = (rates[0], rates[0]);
        foreach (decimal rate in rates)
        {
            (low, high) = (Math.Min(low, rate), Math.Max(high, rate));
        }

        bool logarithmic = IsLogarithmic(low, high);
        double Scaled(decimal rate) => logarithmic ? Math.Log((double)rate) : (double)rate;
        (double bottom, double top) = (Scaled(low), Scaled(high));
        (long first, long last) = (times[0], times[^1]);
        (int columns, int rows) = (width * 2, height * 4);
        int[,] cells = new int[height, width];

        (int x, int y) before = default;
        for (int i = 0; i < times.Length; i++)
        {
            double along = last == first ? 0 : (double)(times[i] - first) / (last - first);
            double up = top == bottom ? 0.5 : (Scaled(rates[i]) - bottom) / (top - bottom);
            (int x, int y) at = ((int)Math.Round(along * (columns - 1)), (int)Math.Round((1 - up) * (rows - 1)));
            Line(cells, i == 0 ? at : before, at);
            before = at;
        }

        string[] lines = new string[height];
        for (int row = 0; row < height; row++)
        {
            lines[row] = string.Create(width, (cells, row), static (line, state) =>
            {
                for (int i = 0; i < line.Length; i++)
                {
                    line[i] = (char)(FirstBraille + state.cells[state.row, i]);
                }
            });
        }

        return lines;
    }

    /// <summary>A rate for the axis: short, since the exact ones stand in the table.</summary>
    public static string Label(decimal rate) => ((double)rate).ToString("G5", CultureInfo.InvariantCulture);

    private static void Line(int[,] cells, (int X, int Y) from, (int X, int Y) to)
    {
        int steps = Math.Max(Math.Abs(to.X - from.X), Math.Abs(to.Y - from.Y));
        for (int step = 0; step <= steps; step++)
        {
            double part = steps == 0 ? 0 : (double)step / steps;
            int x = (int)Math.Round(from.X + (to.X - from.X) * part);
            int y = (int)Math.Round(from.Y + (to.Y - from.Y) * part);
            cells[y / 4, x / 2] |= Dots[y % 4, x % 2];
        }
    }
}
