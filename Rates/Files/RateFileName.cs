using System.Diagnostics.CodeAnalysis;

namespace Pnl.Rates;

/// <summary>
/// What the name of a file of rates says: <c>&lt;SYMBOL&gt;-&lt;QUOTE&gt;</c> and its format, such as
/// <c>BTC-USDT.csv.gz</c>. The last dash divides symbol and quote.
/// </summary>
/// <param name="Symbol">The symbol as written, such as <c>BTC</c>.</param>
/// <param name="Id">The id of its token unless another is asked for: the symbol in lower case, <c>btc</c>.</param>
/// <param name="Quote">The currency of the rates in lower case, <c>usdt</c>.</param>
/// <param name="Format">How the rates are written.</param>
public sealed record RateFileName(string Symbol, string Id, string Quote, RateFileFormat Format)
{
    private const string Expected = "<SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet";

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

        return Stem(fileName, ".parquet") is { } parquet ? (parquet, RateFileFormat.Parquet) : null;
    }

    private static string? Stem(string fileName, string end) =>
        fileName.EndsWith(end, StringComparison.OrdinalIgnoreCase) ? fileName[..^end.Length] : null;
}
