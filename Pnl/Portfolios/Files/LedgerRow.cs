using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Pnl;

/// <summary>A row of an export, its fields by the names of their columns.</summary>
internal sealed class LedgerRow(LedgerTable table, long line, string text, IReadOnlyList<string> fields)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,- ");
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.,");

    public LedgerTable Table => table;

    public long Line => line;

    /// <summary>A field by its place.</summary>
    public string Trimmed(int column) => fields[column].Trim();

    /// <summary>Whether the file has one of some columns.</summary>
    public bool Has(params ReadOnlySpan<string> names) => table.Column(names) >= 0;

    /// <summary>A field, by the first of some names that the file has; empty if it has none of them.</summary>
    public string this[params ReadOnlySpan<string> names]
    {
        get
        {
            int column = table.Column(names);
            return column < 0 ? "" : fields[column].Trim();
        }
    }

    /// <summary>A field as a text of somebody's own, with the spaces that stand in its quotes; empty if there is no such column.</summary>
    public string Own(string name)
    {
        int column = table.Column([name]);
        return column < 0 ? "" : CsvText.Text(fields[column]);
    }

    /// <summary>Whether quotes stand around whole fields alone, and within them twice: only so they can go on over the end of a line.</summary>
    public static bool IsQuotedWell(string row, char separator)
    {
        for (int i = 0; i <= row.Length; i++)
        {
            if (i < row.Length && row[i] == '"')
            {
                for (i++; i < row.Length && (row[i] != '"' || row.AsSpan(i).StartsWith("\"\"")); i++)
                {
                    i += row[i] == '"' ? 1 : 0;
                }

                i++; // behind the quote that closes
                if (i > row.Length || (i < row.Length && row[i] != separator))
                {
                    return false;
                }
            }
            else
            {
                int end = row.IndexOf(separator, i);
                end = end < 0 ? row.Length : end;
                if (row.AsSpan(i, end - i).Contains('"'))
                {
                    return false;
                }

                i = end;
            }
        }

        return true;
    }

    /// <summary>Splits a line at commas, or another sign, outside of double quotes, spaces around what has none left out; null if a quote is not closed in it.</summary>
    public static List<string>? Split(string line, char separator)
    {
        List<string> fields = [];
        StringBuilder field = new();
        bool quoted = false, hasQuotes = false;
        for (int i = 0; i < line.Length; i++)
        {
            char c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append(c);
                i++;
            }
            else if (c == '"')
            {
                (quoted, hasQuotes) = (!quoted, true);
            }
            else if (c == separator && !quoted)
            {
                Add();
            }
            else
            {
                field.Append(c);
            }
        }

        Add();
        return quoted ? null : fields;

        void Add()
        {
            fields.Add(hasQuotes ? field.ToString() : field.ToString().Trim());
            field.Clear();
            hasQuotes = false;
        }
    }

    /// <summary>A time in UTC, which exports mean where they say nothing else: neither at the time nor in the name of its column.</summary>
    public DateTimeOffset Time(params ReadOnlySpan<string> names)
    {
        int column = table.Column(names);
        string text = column < 0 ? "" : Trimmed(column);
        if (LedgerTime.Of(text) is not { } time || (time.IsShortYear && !table.HasShortYears))
        {
            throw Bad(EntryCodes.TimeOutOfRange, $"'{text}' is no time such as 2021-05-19 12:35:00 or 2021-05-19T12:35:00Z", names);
        }

        if (table.Offset(column) is not { } offset)
        {
            throw Bad(EntryCodes.TimeOutOfRange, $"'{table.Header[column]}' names no offset such as UTC+1", names);
        }

        bool? dayFirst = time.IsDayFirst ?? (time.First == time.Second ? true : table.IsDayFirst(column));
        if (time.IsOpen && dayFirst is null)
        {
            throw Bad(EntryCodes.TimeOutOfRange, $"'{text}' is {Day(time.Utc(true, offset))} or {Day(time.Utc(false, offset))}: no row says whether the day or the month comes first; write dates as 2021-05-19", names);
        }

        return time.Utc(dayFirst ?? true, offset) ?? throw Bad(EntryCodes.TimeOutOfRange, $"'{text}' is no day of a year from 1900 on", names);

        static string Day(DateTimeOffset? day) => day is { } known ? known.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "no day";
    }

    /// <summary>A number with its sign; 0 for an empty field.</summary>
    public decimal Number(params ReadOnlySpan<string> names) => NumberOf(this[names], names);

    /// <summary>The exact sum of a column over some rows.</summary>
    public static decimal Sum(IEnumerable<LedgerRow> rows, string name)
    {
        Amount sum = default;
        LedgerRow? last = null;
        foreach (LedgerRow row in rows)
        {
            (sum, last) = (sum + row.Number(name), row);
        }

        return sum.TryToDecimal(out decimal value) ? value : throw last!.Bad(EntryCodes.TooPrecise, $"the sum of its group, {sum}, has more than 28 significant digits", name);
    }

    /// <summary>A number followed by its token, such as <c>0.5BTC</c>; the token is empty if none stands there.</summary>
    /// <param name="token">The token, if it is known: it may begin with a digit, as 1INCH does.</param>
    /// <param name="names">Names of the column.</param>
    public (decimal Number, string Token) Quantity(string? token, params ReadOnlySpan<string> names)
    {
        string text = this[names];
        int end = token is not null && text.EndsWith(token, StringComparison.Ordinal) ? text.Length - token.Length : text.AsSpan().IndexOfAnyExcept(NumberCharacters);
        return end < 0 ? (NumberOf(text, names), "") : (NumberOf(text[..end].TrimEnd(), names), text[end..].Trim());
    }

    /// <summary>The id of a token or currency, from its symbol.</summary>
    public string Token(string symbol, params ReadOnlySpan<string> names)
    {
#pragma warning disable CA1308 // Ids are in lower case.
        string id = symbol.ToLowerInvariant();
#pragma warning restore CA1308
        return TokenId.IsValid(id) ? id : throw Bad(EntryCodes.TokenInvalid, $"'{symbol}' is no symbol", names);
    }

    /// <summary>A hash of the row to the letter: the id that releases before 1.1 gave to rows of exports without ids.</summary>
    public string Hash() => HashOf(text);

    /// <summary>A hash for an id: of a text that says the same whichever program has saved the file.</summary>
    public static string HashOf(string meaning) => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(meaning)));

    public RowRefusal Bad(string code, string detail, params ReadOnlySpan<string> names) =>
        new(new(line, code, table.Column(names) is >= 0 and int column ? table.Header[column] : names.IsEmpty ? "" : names[0], detail));

    /// <summary>A number that is a part of a field, with a sign and a currency's before it or not.</summary>
    public decimal NumberOf(string text, params ReadOnlySpan<string> names)
    {
        ReadOnlySpan<char> number = Unsigned(text, out bool negative);
        int end = number.IndexOfAny('e', 'E');
        ReadOnlySpan<char> digits = end < 0 ? number : number[..end];
        NumberForm form = digits.ContainsAnyExcept(Digits) ? NumberForm.Malformed : NumberText.FormOf(digits);
        string plain = number.ToString();
        if (form != NumberForm.Malformed)
        {
            DecimalMark mark = table.Mark(table.Column(names), form) ?? throw Ambiguous(text, digits.ToString(), names);
            if (table.Reading.DecimalMark is { } asked && mark != asked)
            {
                throw Bad("row.malformed", $"'{text}' is no number with a decimal {(asked == DecimalMark.Comma ? "comma" : "point")}, which was asked for", names);
            }

            plain = NumberText.Plain(digits.ToString(), mark) + (end < 0 ? "" : number[end..].ToString());
        }

        return RateText.Parse(plain, out decimal value) switch
        {
            BarDefect.None => negative ? -value : value,
            BarDefect.RateZero => 0m,
            BarDefect.RateMissing when !negative && text.Length == 0 => 0m,
            BarDefect.RateTooPrecise => throw Bad(EntryCodes.TooPrecise, $"'{text}' has more than 28 significant digits", names),
            BarDefect.RateTooLarge => throw Bad(EntryCodes.TooLarge, $"'{text}' is too large", names),
            _ => throw Bad("row.malformed", $"'{text}' is no number", names),
        };
    }

    private RowRefusal Ambiguous(string text, string digits, ReadOnlySpan<string> names) => Bad(
        "row.ambiguous",
        $"'{text}' is {NumberText.Plain(digits, DecimalMark.Point)} with a decimal point or {NumberText.Plain(digits, DecimalMark.Comma)} with a decimal comma, and the other rows of its column do not say which: "
        + "say so (decimal=. or decimal=, in the address of the call; --decimal of the tool)",
        names);

    private static ReadOnlySpan<char> Unsigned(string text, out bool negative)
    {
        ReadOnlySpan<char> number = text.AsSpan().Trim();
        negative = number is ['-', ..];
        number = negative ? number[1..] : number;
        int from = 0;
        while (from < number.Length && (char.IsWhiteSpace(number[from]) || char.GetUnicodeCategory(number[from]) == UnicodeCategory.CurrencySymbol))
        {
            from++;
        }

        number = number[from..];
        if (from > 0 && !negative && number is ['-', ..])
        {
            negative = true;
            number = number[1..];
        }

        return number;
    }
}

/// <summary>A row gives no entry.</summary>
#pragma warning disable CA1032, CA1064 // Thrown where a field is read, caught where rows are; never seen outside.
internal sealed class RowRefusal(LedgerRejection row) : Exception(row.Detail)
{
    public LedgerRejection Row => row;
}
#pragma warning restore CA1032, CA1064
