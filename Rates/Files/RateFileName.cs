using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Pnl.Rates;

/// <summary>
/// What the name of a file of rates says: <c>&lt;SYMBOL&gt;-&lt;QUOTE&gt;</c> and its format, such as
/// <c>BTC-USDT.csv.gz</c>. The last dash divides symbol and quote; an interval or a date is no quote, so that
/// <c>BTC_USDT-1d.csv</c> says nothing. ZIPs are named as Binance's archive has them, <c>BTCUSDT-5m-2021-05.zip</c>.
/// </summary>
/// <param name="Symbol">The symbol as written, such as <c>BTC</c>.</param>
/// <param name="Id">The id of its token unless another is asked for: the symbol in lower case, <c>btc</c>.</param>
/// <param name="Quote">The currency of the rates in lower case, <c>usdt</c>.</param>
/// <param name="Format">How the rates are written.</param>
public sealed partial record RateFileName(string Symbol, string Id, string Quote, RateFileFormat Format)
{
    private const string Expected = "<SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet";

    /// <summary>The length of its candles in seconds, where the name tells it; else null.</summary>
    public int? CandleSeconds { get; init; }

    /// <summary>
    /// The interval of candles that a name has in it wherever it stands, such as <c>1h</c> in <c>XBTUSD_PERP-1h-2023-10-26.csv</c>,
    /// in seconds; null if there is none.
    /// </summary>
    public static int? CandleSecondsIn(string fileName)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        return Split(fileName) is var (stem, _) && Length().Match(stem) is { Success: true } match && CandleLength.TryParse(match.Groups["length"].Value, out int seconds) ? seconds : null;
    }

    /// <summary>The format that the end of a name stands for, without regard to case; null for none of them.</summary>
    public static RateFileFormat? FormatOf(string fileName) => Split(fileName)?.Format;

    /// <summary>Reads a file name.</summary>
    /// <param name="fileName">The name without its folder.</param>
    /// <param name="name">What it says; null if it says nothing.</param>
    /// <param name="reason">Why it is not such a name, to be shown; null if it is one.</param>
    public static bool TryParse(
        string fileName, [NotNullWhen(true)] out RateFileName? name, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        name = null;
        if (Split(fileName) is not { } split)
        {
            reason = $"is not named {Expected}";
            return false;
        }

        (string stem, RateFileFormat format) = split;
        if (format == RateFileFormat.Zip)
        {
            KlineZip? zip = KlineZip.Parse(fileName);
            reason = zip is null ? "is no ZIP of an archive: wanted <SYMBOL><QUOTE>-<INTERVAL>-<YYYY-MM>.zip or -<YYYY-MM-DD>.zip" : null;
            name = zip is null ? null : new(zip.Base, zip.Base.ToLowerInvariant(), zip.Quote.ToLowerInvariant(), format) { CandleSeconds = zip.Seconds };
            return name is not null;
        }

        int dash = stem.LastIndexOf('-');
        if (dash <= 0 || dash == stem.Length - 1)
        {
            reason = $"has no quote in its name: wanted {Expected}";
            return false;
        }

        (string symbol, string quote) = (stem[..dash], stem[(dash + 1)..]);
        int dot = quote.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0)
        {
            // Such as 1-minute bars or a future: another series than the one of the pair.
            reason = $"has '{quote[dot..]}' behind the quote '{quote[..dot]}', so it is not the series of the pair itself: "
                + $"wanted {Expected}";
            return false;
        }

        if (IntervalOrDate().IsMatch(quote))
        {
            reason = $"has '{quote}' where its quote belongs, which is an interval or a date and no currency: wanted {Expected}, or --pair <SYMBOL>-<QUOTE>";
            return false;
        }

        (string id, string currency) = (symbol.ToLowerInvariant(), quote.ToLowerInvariant());
        if (!TokenId.IsValid(id) || !TokenId.IsValid(currency))
        {
            reason = $"gives no token id: '{(TokenId.IsValid(id) ? currency : id)}' is not {TokenId.Rule}";
            return false;
        }

        name = new RateFileName(symbol, id, currency, format);
        reason = null;
        return true;
    }

    private static (string Stem, RateFileFormat Format)? Split(string fileName)
    {
        if (Stem(fileName, ".csv.gz") is { } gzip)
        {
            return (gzip, RateFileFormat.CsvGzip);
        }

        if (Stem(fileName, ".csv") is { } csv)
        {
            return (csv, RateFileFormat.Csv);
        }

        if (Stem(fileName, ".zip") is { } zip)
        {
            return (zip, RateFileFormat.Zip);
        }

        return Stem(fileName, ".parquet") is { } parquet ? (parquet, RateFileFormat.Parquet) : null;
    }

    private static string? Stem(string fileName, string end) =>
        fileName.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? fileName[..^end.Length] : null;

    /// <summary>No currency: digits alone, as of a date or of Kraken's minutes, or digits and a unit of time.</summary>
    [GeneratedRegex("^[0-9]+(s|sec|m|min|h|d|w|mo|M)?$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex IntervalOrDate();

    [GeneratedRegex("[-_.](?<length>[0-9]+(m|min|h|d|w))(?=[-_.]|$)", RegexOptions.CultureInvariant)]
    private static partial Regex Length();
}
