using System.Text;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// The checksum of a row of Azure Tables, in a property of its own: <see cref="RowSum"/> over the table, the row's keys, and
/// all its other properties with their names. A row that has none was written by a release that kept none, and is taken as it
/// is; it gets one when it is written next.
/// </summary>
internal static class EntitySum
{
    /// <summary>The property.</summary>
    public const string Property = "Sum";

    private static readonly string[] Others = [Property, "Timestamp"]; // the service's own have "odata." before them

    /// <summary>Gives a row that is about to be written its checksum.</summary>
    /// <param name="table">The table, without the prefix.</param>
    /// <param name="row">The row, with all that it will have.</param>
    public static TableEntity Seal(string table, TableEntity row)
    {
        row[Property] = Of(table, row);
        return row;
    }

    /// <summary>Whether a row that was read whole is what was written; true also of one that has no checksum.</summary>
    public static bool Holds(string table, TableEntity row) => !row.TryGetValue(Property, out object? sum) || sum is long stored && stored == Of(table, row);

    /// <summary>The checksum that a row should have.</summary>
    public static long Of(string table, TableEntity row)
    {
        List<object?> values = [];
        foreach ((string name, object? value) in row.Where(property => !Others.Contains(property.Key) && !property.Key.StartsWith("odata.", StringComparison.Ordinal)).OrderBy(property => property.Key, StringComparer.Ordinal))
        {
            values.Add(name);
            values.Add(Value(value));
        }

        return RowSum.Of(table, [.. values]);
    }

    /// <summary>Text as its bytes: unlike in SQLite, none of it is lost behind a NUL.</summary>
    private static object? Value(object? value) => value switch
    {
        string text => Encoding.UTF8.GetBytes(text),
        bool flag => flag ? 1L : 0L,
        null or byte[] or long or int or double => value,
        _ => Encoding.UTF8.GetBytes(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? ""),
    };
}
