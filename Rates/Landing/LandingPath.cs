using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pnl.Rates;

/// <summary>
/// Where a range lies in a landing: <c>source/token/2021-05_1621427700-1621514100.parquet</c>, named after its month, the
/// first second of the range and the one behind its last, so that no fetch takes the place of one that says more. A month
/// is no folder of its own: making it costs as much as writing the file. Candles of another interval or quote, or of a second
/// symbol, have <c>_1d_usd_BTCUSD</c> behind that.
/// </summary>
internal static class LandingPath
{
    public const string Extension = ".parquet";

    private const int LongestSymbol = 80; // some file systems take 255 bytes of a name

    private static readonly long Last = BarTime.CloseSeconds(BarTime.MaxSlot);

    public static string Of(LandingKey key) => string.Create(
        CultureInfo.InvariantCulture,
        $"{key.Source}/{key.Token}/{1970 + key.Month / 12:d4}-{key.Month % 12 + 1:d2}_{BarTime.OpenSeconds(key.Range.From)}-{BarTime.OpenSeconds(key.Range.To)}{(key.Listing is { } listing ? "_" + listing : "")}{Extension}");

    /// <summary>Where candles belong unless those of another symbol are there.</summary>
    public static LandingKey KeyOf(LandedCandles candles) =>
        candles.Key.Listing is null && (candles.Interval != Interval.FiveMinutes || candles.Quote != candles.Registration.Quote) ? Apart(candles) : candles.Key;

    /// <summary>Where candles belong if those of another symbol are there.</summary>
    public static LandingKey Apart(LandedCandles candles) => candles.Key with { Listing = Name(candles.Listing) };

    /// <summary>Candles that were read of a place, with that place as their key if it is theirs.</summary>
    public static LandedCandles At(this LandedCandles candles, LandingKey key) =>
        candles with { Key = key.Listing is null ? KeyOf(candles) : Apart(candles) };

    /// <exception cref="RateFileException">It is none.</exception>
    public static LandingKey Parse(string path)
    {
        if (path.Split('/') is [var source, var token, var file] && file.IndexOf('_', StringComparison.Ordinal) is > 0 and int month && month < file.Length - Extension.Length &&
            file[(month + 1)..^Extension.Length].Split('_', 2) is [var range, .. var listing] &&
            range.Split('-') is [var from, var to] &&
            long.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out long first) && first <= Last &&
            long.TryParse(to, NumberStyles.None, CultureInfo.InvariantCulture, out long end) && end <= Last &&
            new LandingKey(source, token, new(BarTime.SlotAtSeconds(first), BarTime.SlotAtSeconds(end))) { Listing = listing is [var name] ? name : null } is var key && Of(key) == path)
        {
            return key;
        }

        throw new RateFileException($"{path} is not of the landing: its files are named source/token/2021-05_1621427700-1621514100{Extension}, after the month, the first second of what was fetched and the one behind the last");
    }

    /// <summary>Keys by source, token and slots. Not by their paths: '-' stands before the separator, so that a-b would come before a.</summary>
    public static IEnumerable<LandingKey> InOrder(IEnumerable<LandingKey> keys) => keys
        .OrderBy(key => key.Source, StringComparer.Ordinal).ThenBy(key => key.Token, StringComparer.Ordinal).ThenBy(key => key.Range.From).ThenBy(key => key.Range.To)
        .ThenBy(key => key.Listing, StringComparer.Ordinal);

    /// <summary>A listing as part of a file's name. Symbols may hold what a name may not, and be long.</summary>
    private static string Name(Listing listing)
    {
        StringBuilder symbol = new();
        foreach (byte each in Encoding.UTF8.GetBytes(listing.Symbol))
        {
            if (char.IsAsciiLetterOrDigit((char)each) || each is (byte)'-' or (byte)'.')
            {
                symbol.Append((char)each);
            }
            else
            {
                symbol.Append(CultureInfo.InvariantCulture, $"~{each:x2}");
            }
        }

        string name = symbol.Length <= LongestSymbol ? symbol.ToString() : "~" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(listing.Symbol)).AsSpan(0, 16));
        return $"{listing.Interval.Name()}_{listing.Quote}_{name}";
    }
}
