namespace Pnl;

/// <summary>
/// Which columns of a table hold time and rate, found by their names: case, spaces, dashes and underscores do not count. Of the
/// names that there are for one thing, those that come first here win over the later ones; two names that stand side by side
/// here are not chosen between, and refused. All other columns are ignored.
/// <list type="bullet">
/// <item>Time: <c>time</c>; <c>open_time_unix_s</c>; <c>open_time</c>; <c>unix</c> and the like; <c>timestamp</c>;
/// <c>datetime</c> and the like; <c>date</c>.</item>
/// <item>Rate: <c>rate</c>; <c>close</c>; <c>price</c>; <c>value</c>, <c>last</c>, <c>close_price</c> and those that name their
/// currency, such as <c>price_usd</c> or <c>PriceUSD</c>, of which the one in the currency that is wanted is taken.</item>
/// </list>
/// </summary>
/// <param name="Time">Index of the column with open times.</param>
/// <param name="Rate">Index of the column with rates.</param>
public readonly record struct RateColumns(int Time, int Rate)
{
    private static readonly string[] TimeNames =
    [
        "time", "open_time_unix_s", "open_time",
        "unix, unix_time, unix_timestamp, unix_s, unix_ms, unix_seconds, unix_milliseconds, epoch, epoch_s, epoch_ms, epoch_time, time_ms, timestamp_ms, timestamp_s, open_time_ms",
        "timestamp",
        "datetime, date_time, datetime_utc, date_utc, time_utc, timestamp_utc, utc, ts, start, start_time, time_open, open_timestamp, time_period_start, period_start, snapped_at, begin",
        "date, day",
    ];

    private static readonly string[] RateNames =
    [
        "rate", "close", "price",
        "value, last, last_price, close_price, closing_price, price_close, market_price",
    ];

    private static readonly string[] PricedNames = ["price", "close", "rate", "value", "last", "closeprice", "referencerate", "marketprice"];

    private static readonly HashSet<string> Currencies =
    [
        "usd", "usdt", "usdc", "busd", "tusd", "fdusd", "dai", "eur", "gbp", "jpy", "chf", "cad", "aud", "cny", "krw", "try", "brl", "inr", "rub", "pln", "btc", "eth", "bnb", "xbt",
    ];

    private static readonly string[][] TimeRanks = [.. TimeNames.Select(Ranked)], RateRanks = [.. RateNames.Select(Ranked)];

    /// <summary>The currency that the name of the rate column tells, in lower case; null if it tells none.</summary>
    public string? Currency { get; init; }

    /// <summary>Indices of first, highest and lowest rates, where the table has all three; else null.</summary>
    public (int Open, int High, int Low)? More { get; init; }

    /// <summary>Finds the columns.</summary>
    /// <param name="source">What is read, to name it in an error.</param>
    /// <param name="names">The names of all columns, in order.</param>
    /// <exception cref="RateFileException">A column is absent, or there twice.</exception>
    public static RateColumns Find(string source, IReadOnlyList<string> names) => Find(source, names, quote: null);

    /// <summary>Finds the columns of a table whose rates should be in a currency.</summary>
    /// <param name="source">What is read, to name it in an error.</param>
    /// <param name="names">The names of all columns, in order.</param>
    /// <param name="quote">The currency in lower case; null if nothing says which.</param>
    /// <exception cref="RateFileException">A column is absent or there twice, or all rates are in other currencies.</exception>
    public static RateColumns Find(string source, IReadOnlyList<string> names, string? quote)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] plain = [.. names.Select(Plain)];
        int time = OneOf(source, names, plain, "time", TimeRanks, [])
            ?? throw Absent(source, names, "time", ["time", "open_time_unix_s", "open_time", "timestamp"]);
        (int rate, string? currency) = FindRate(source, names, plain, quote);
        (int open, int high, int low) = (Array.IndexOf(plain, "open"), Array.IndexOf(plain, "high"), Array.IndexOf(plain, "low"));
        return new(time, rate) { Currency = currency, More = open >= 0 && high >= 0 && low >= 0 ? (open, high, low) : null };
    }

    /// <summary>Whether a row of names is the header of a table of rates, though perhaps one that has to be refused.</summary>
    internal static bool IsHeader(IReadOnlyList<string> names)
    {
        string[] plain = [.. names.Select(Plain)];
        return plain.Any(name => TimeRanks.Any(rank => rank.Contains(name)))
            && plain.Any(name => RateRanks.Any(rank => rank.Contains(name)) || CurrencyOf(name) is not null);
    }

    private static (int Rate, string? Currency) FindRate(string source, IReadOnlyList<string> names, string[] plain, string? quote)
    {
        (int Index, string Currency)[] priced = [.. plain.Select((name, i) => (i, CurrencyOf(name))).Where(c => c.Item2 is not null).Select(c => (c.i, c.Item2!))];
        (int Index, string Currency)[] wanted = quote is null ? priced : [.. priced.Where(column => column.Currency == quote)];
        if (wanted is [var only] && OneOf(source, names, plain, "rate", RateRanks[..3], []) is null
            && (quote is not null || OneOf(source, names, plain, "rate", RateRanks, []) is null))
        {
            return (only.Index, only.Currency);
        }

        if (OneOf(source, names, plain, "rate", RateRanks, quote is null || wanted.Length > 0 ? [.. wanted.Select(column => column.Index)] : []) is { } found)
        {
            return (found, null);
        }

        throw priced.Length > 0
            ? new RateFileException($"{source} has rates in {string.Join(", ", priced.Select(column => column.Currency).Distinct())} ({Quoted([.. priced.Select(column => names[column.Index])])}), not in {quote}.")
            : Absent(source, names, "rate", ["rate", "close", "price"]);
    }

    /// <summary>The column of the first rank that has one; null if none has.</summary>
    private static int? OneOf(string source, IReadOnlyList<string> names, string[] plain, string role, string[][] ranks, int[] besides)
    {
        for (int rank = 0; rank < ranks.Length; rank++)
        {
            int[] found = [.. Enumerable.Range(0, plain.Length).Where(i => ranks[rank].Contains(plain[i]) || (rank == ranks.Length - 1 && besides.Contains(i)))];
            if (found.Length == 1)
            {
                return found[0];
            }

            if (found.Length > 1)
            {
                throw new RateFileException(found.All(i => plain[i] == plain[found[0]])
                    ? $"{source} has two columns '{names[found[0]].Trim()}', {found[0] + 1} and {found[1] + 1}."
                    : $"{source} has several columns that may be its {role}: {Quoted([.. found.Select(i => names[i].Trim())])}: keep one of them, or name it '{ranks[0][0]}'.");
            }
        }

        return null;
    }

    private static string? CurrencyOf(string plain)
    {
        foreach (string name in PricedNames)
        {
            if (plain.StartsWith(name, StringComparison.Ordinal) && Currencies.Contains(plain[name.Length..]))
            {
                return plain[name.Length..] is "xbt" ? "btc" : plain[name.Length..];
            }
        }

        return null;
    }

    private static string[] Ranked(string names) => [.. names.Split(", ").Select(Plain)];

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    // Of a file in which no column is one of rates nothing is told: whoever named it may not be allowed to read it.
    private static RateFileException Absent(string source, IReadOnlyList<string> names, string role, string[] wanted) =>
        new($"{source} has no {role} column{(names.Any(name => IsKnown(Plain(name))) ? $": found {Quoted(names)}, wanted" : ", and none that a file of rates has: wanted")} one of {Quoted(wanted)}, or another usual name.");

    private static bool IsKnown(string plain) =>
        CurrencyOf(plain) is not null || TimeRanks.Concat(RateRanks).Any(rank => rank.Contains(plain));

    private static string Quoted(IReadOnlyList<string> names)
    {
        // A file that is no table at all can have a "header" of any length.
        const int MaxShown = 16, MaxLength = 32;
        IEnumerable<string> shown = names.Take(MaxShown)
            .Select(n => $"'{(n.Length > MaxLength ? n[..MaxLength] + "…" : n)}'");
        return string.Join(", ", shown) + (names.Count > MaxShown ? $" and {names.Count - MaxShown} more" : "");
    }
}
