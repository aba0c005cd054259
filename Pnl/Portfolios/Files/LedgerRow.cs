using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Pnl;

/// <summary>A row of an export, its fields by the names of their columns.</summary>
internal sealed class LedgerRow(long line, string text, IReadOnlyList<string> header, IReadOnlyList<string> fields)
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.,- ");

    private static readonly string[] TimeFormats = ["yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK", "yyyy-MM-dd HH:mm:ss.FFFFFFF'Z'"];

    public long Line => line;

    /// <summary>A field, by the first of some names that the file has; empty if it has none of them.</summary>
    public string this[params ReadOnlySpan<string> names]
    {
        get
        {
            int column = Column(names);
            return column < 0 ? "" : fields[column].Trim();
        }
    }

    /// <summary>A field as a text of somebody's own, with the spaces that stand in its quotes; empty if there is no such column.</summary>
    public string Own(string name)
    {
        int column = Column([name]);
        return column < 0 ? "" : CsvText.Text(fields[column]);
    }

    /// <summary>Whether quotes stand around whole fields alone, and within them twice: only so they can go on over the end of a line.</summary>
    public static bool IsQuotedWell(string row)
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
                if (i > row.Length || (i < row.Length && row[i] != ','))
                {
                    return false;
                }
            }
            else
            {
                int end = row.IndexOf(',', i);
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

    /// <summary>Splits a line at commas outside of double quotes, spaces around what has none left out; null if a quote is not closed in it.</summary>
    public static List<string>? Split(string line)
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
            else if (c == ',' && !quoted)
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

    /// <summary>A time in UTC, which exports mean even where they do not say so.</summary>
    public DateTimeOffset Time(params ReadOnlySpan<string> names)
    {
        string text = this[names];
        string bare = text.EndsWith(" UTC", StringComparison.Ordinal) ? text[..^4] : text;
        return DateTimeOffset.TryParseExact(
            bare, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time)
            ? time
            : throw Bad(EntryCodes.TimeOutOfRange, $"'{text}' is no time such as 2021-05-19 12:35:00 or 2021-05-19T12:35:00Z", names);
    }

    /// <summary>A number with its sign; 0 for an empty field.</summary>
    public decimal Number(params ReadOnlySpan<string> names) => NumberOf(this[names], names);

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

    /// <summary>A hash of the row, for exports that give no ids.</summary>
    public string Hash() => Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(text)));

    public RowRefusal Bad(string code, string detail, params ReadOnlySpan<string> names) =>
        new(new(line, code, Column(names) is >= 0 and int column ? header[column] : names.IsEmpty ? "" : names[0], detail));

    /// <summary>A number that is a part of a field.</summary>
    public decimal NumberOf(string text, params ReadOnlySpan<string> names)
    {
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        bool negative = digits is ['-', ..];
        digits = (negative ? digits[1..] : digits).TrimStart("$€£¥ ");
        string plain = Grouped(digits) ? digits.ToString().Replace(",", "", StringComparison.Ordinal) : digits.ToString();
        return RateText.Parse(plain, out decimal number) switch
        {
            BarDefect.None => negative ? -number : number,
            BarDefect.RateZero => 0m,
            BarDefect.RateMissing when !negative && text.Length == 0 => 0m,
            BarDefect.RateTooPrecise => throw Bad(EntryCodes.TooPrecise, $"'{text}' has more than 28 significant digits", names),
            BarDefect.RateTooLarge => throw Bad(EntryCodes.TooLarge, $"'{text}' is too large", names),
            _ => throw Bad("row.malformed", $"'{text}' is no number", names),
        };
    }

    /// <summary>Whether commas stand where thousands end, and nowhere else: 1,234.56 but not 1,5.</summary>
    private static bool Grouped(ReadOnlySpan<char> digits)
    {
        int point = digits.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? digits : digits[..point];
        int first = whole.IndexOf(',');
        if (first is < 1 or > 3)
        {
            return false;
        }

        for (ReadOnlySpan<char> rest = whole[first..]; !rest.IsEmpty; rest = rest[4..])
        {
            if (rest.Length < 4 || rest[0] != ',' || rest[1..4].Contains(','))
            {
                return false;
            }
        }

        return true;
    }

    private int Column(ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            for (int i = 0; i < header.Count; i++)
            {
                if (header[i].Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return i;
                }
            }
        }

        return -1;
    }
}

/// <summary>A row gives no entry.</summary>
#pragma warning disable CA1032, CA1064 // Thrown where a field is read, caught where rows are; never seen outside.
internal sealed class RowRefusal(LedgerRejection row) : Exception(row.Detail)
{
    public LedgerRejection Row => row;
}
#pragma warning restore CA1032, CA1064
