using System.Globalization;

namespace Pnl.Cli.Import;

/// <summary>What the files of a token had that were imported before the next one: two that disagree are not of one instrument, or not of one truth.</summary>
/// <param name="keeps">Whether there will be a next one; else nothing is kept.</param>
internal sealed class EarlierBars(bool keeps)
{
    /// <summary>Beyond this median distance of more than half of the bars that both have, it is another series.</summary>
    private const double OtherSeries = 0.1;

    private readonly Dictionary<int, decimal> _rates = [];

    /// <summary>Keeps the bars of a file.</summary>
    public void Add(RateReading series)
    {
        if (keeps)
        {
            foreach ((int slot, decimal rate) in Bars(series))
            {
                _rates[slot] = rate;
            }
        }
    }

    /// <summary>Why a file cannot be of the same instrument as those before it; null if it can.</summary>
    public string? Contradiction(RateReading series)
    {
        (int common, List<double> distances) = Compare(series);
        return 2 * distances.Count > common && distances[distances.Count / 2] > OtherSeries ? $"it contradicts the files before it: {Told(common, distances)}" : null;
    }

    /// <summary>How far a file differs from those before it; nothing if it does not.</summary>
    public IEnumerable<string> Differences(RateReading series)
    {
        (int common, List<double> distances) = Compare(series);
        if (distances.Count > 0)
        {
            yield return $"differs from the files before it: {Told(common, distances)}; the later file counts, where both are of one interval";
        }
    }

    private static string Told(int common, List<double> distances) => string.Create(
        CultureInfo.InvariantCulture, $"{distances.Count:N0} of the {common:N0} bars that both have, by {100 * distances[distances.Count / 2]:0.##} % in the middle and {100 * distances[^1]:0.##} % at most");

    private static IEnumerable<(int Slot, decimal Rate)> Bars(RateReading series) => series.Runs.SelectMany(run => run.Slots.Zip(run.Rates));

    private (int Common, List<double> Distances) Compare(RateReading series)
    {
        int common = 0;
        List<double> distances = [];
        if (_rates.Count > 0)
        {
            foreach ((int slot, decimal rate) in Bars(series))
            {
                if (_rates.TryGetValue(slot, out decimal before))
                {
                    common++;
                    if (before != rate)
                    {
                        distances.Add((double)Math.Max(before, rate) / (double)Math.Min(before, rate) - 1);
                    }
                }
            }

            distances.Sort();
        }

        return (common, distances);
    }
}
