using System.Globalization;

namespace Pnl.Rates;

/// <summary>
/// Where a range lies in a landing: <c>source/token/2021-05_1621427700-1621514100.parquet</c>, named after its month, the
/// first second of the range and the one behind its last, so that no fetch takes the place of one that says more. A month
/// is no folder of its own: making it costs as much as writing the file.
/// </summary>
internal static class LandingPath
{
    public const string Extension = ".parquet";

    private static readonly long Last = BarTime.CloseSeconds(BarTime.MaxSlot);

    public static string Of(LandingKey key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.Source}/{key.Token}/{1970 + key.Month / 12:d4}-{key.Month % 12 + 1:d2}_{BarTime.OpenSeconds(key.Range.From)}-{BarTime.OpenSeconds(key.Range.To)}{Extension}");

    /// <exception cref="RateFileException">It is none.</exception>
    public static LandingKey Parse(string path)
    {
        if (path.Split('/') is [var source, var token, var name] && name.IndexOf('_', StringComparison.Ordinal) is > 0 and int month && month < name.Length - Extension.Length &&
            name[(month + 1)..^Extension.Length].Split('-') is [var from, var to] &&
            long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out long first) && first <= Last &&
            long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out long end) && end <= Last &&
            new LandingKey(source, token, new(BarTime.SlotAtSeconds(first), BarTime.SlotAtSeconds(end))) is var key && Of(key) == path)
        {
            return key;
        }

        throw new RateFileException($"{path} is not of the landing: its files are named source/token/2021-05_1621427700-1621514100{Extension}, after the month, the first second of what was fetched and the one behind the last");
    }

    /// <summary>Keys by source, token and slots. Not by their paths: '-' stands before the separator, so that a-b would come before a.</summary>
    public static IEnumerable<LandingKey> InOrder(IEnumerable<LandingKey> keys) => keys
        .OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From).ThenBy(key => key.Range.To);
}
