using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>The rows of an export under their header. How numbers and dates are written is found for each column from all of its rows.</summary>
internal sealed partial class LedgerTable(IReadOnlyList<string> header, char separator, string source, LedgerReading reading)
{
    private readonly List<LedgerRow> _rows = [];
    private readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase); // of the names that were asked for
    private readonly Dictionary<int, (bool Point, bool Comma)> _marks = [];
    private readonly Dictionary<int, bool?> _dayFirst = [];
    private bool? _hasCommas;

    public IReadOnlyList<string> Header => header;

    public IReadOnlyList<LedgerRow> Rows => _rows;

    public LedgerReading Reading => reading;

    /// <summary>Whether years may have two digits.</summary>
    public bool HasShortYears { get; init; }

    /// <summary>The columns that are numbers.</summary>
    public string[] Numbers { get; init; } = [];

    /// <summary>What is read, to name it.</summary>
    public string Source => source;

    public void Add(long line, string text, IReadOnlyList<string> fields) => _rows.Add(new(this, line, text, fields));

    /// <summary>The first column of some names; below 0 if there is none. An offset in a name, as in <c>Date(UTC+1)</c>, makes no other name of it.</summary>
    public int Column(ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (!_columns.TryGetValue(name, out int column))
            {
                string bare = WithoutZone(name);
                int exact = IndexOf(header, title => title.Equals(name, StringComparison.OrdinalIgnoreCase));
                _columns.Add(name, column = exact >= 0 ? exact : IndexOf(header, title => WithoutZone(title).Equals(bare, StringComparison.OrdinalIgnoreCase)));
            }

            if (column >= 0)
            {
                return column;
            }
        }

        return -1;
    }

    /// <summary>How far the times of a column are ahead of UTC, by its name; null if the name has a zone that is none.</summary>
    public TimeSpan? Offset(int column)
    {
        Match zone = Zone().Match(header[column]);
        return !zone.Success || zone.Groups[1].Length == 0 ? TimeSpan.Zero : LedgerTime.OffsetOf(zone.Groups[1].Value);
    }

    /// <summary>The decimal mark of a number of a column; null if it can be read in two ways, and nothing says in which.</summary>
    public DecimalMark? Mark(int column, NumberForm form)
    {
        if (form is NumberForm.Digits or NumberForm.Point or NumberForm.Comma)
        {
            DecimalMark own = form == NumberForm.Comma ? DecimalMark.Comma : DecimalMark.Point;
            return form == NumberForm.Digits ? reading.DecimalMark ?? own : own;
        }

        if (reading.DecimalMark is { } asked)
        {
            return asked;
        }

        if (!_marks.TryGetValue(column, out (bool Point, bool Comma) seen))
        {
            _marks.Add(column, seen = column < 0 ? default : Seen(column));
        }

        return seen switch
        {
            (true, false) => DecimalMark.Point,
            (false, true) => DecimalMark.Comma,

            // A point is what our own columns have before a fraction, and programs; spreadsheets that write a comma part fields by semicolons.
            (false, false) when form == NumberForm.PointOrThousands && separator == ',' && !HasCommas() => DecimalMark.Point,
            _ => null,
        };
    }

    /// <summary>Whether dates of a column begin with the day; null if none of its rows says.</summary>
    public bool? IsDayFirst(int column)
    {
        if (!_dayFirst.TryGetValue(column, out bool? isFirst))
        {
            bool[] said = [.. _rows.Select(row => LedgerTime.Of(row.Trimmed(column))?.IsDayFirst).OfType<bool>().Distinct()];
            _dayFirst.Add(column, isFirst = said is [bool only] ? only : null);
        }

        return isFirst;
    }

    /// <summary>A column's name without the offset of its times.</summary>
    public static string WithoutZone(string name) => Zone().Replace(name, "");

    private static int IndexOf(IReadOnlyList<string> header, Predicate<string> isOne)
    {
        for (int i = 0; i < header.Count; i++)
        {
            if (isOne(header[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private (bool Point, bool Comma) Seen(int column)
    {
        (bool point, bool comma) = (false, false);
        foreach (NumberForm form in _rows.SelectMany(row => NumberText.In(row.Trimmed(column))).Select(number => NumberText.FormOf(number)))
        {
            (point, comma) = (point || form == NumberForm.Point, comma || form == NumberForm.Comma);
        }

        return (point, comma);
    }

    /// <summary>Whether a number of any column has a decimal comma.</summary>
    private bool HasCommas() => _hasCommas ??= Numbers.Any(name => Column([name]) is >= 0 and int column && Seen(column).Comma);

    [GeneratedRegex(@"\s*\(UTC\s*([+-][0-9:]+)?\)$", RegexOptions.IgnoreCase)]
    private static partial Regex Zone();
}
