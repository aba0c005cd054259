using System.Buffers;

namespace Pnl;

/// <summary>
/// A text as a cell of CSV, so that no program that opens the file takes it for a formula, and so that it is the same text when it is
/// read back. Only texts: numbers are written as they are, with their sign.
/// </summary>
public static class CsvText
{
    private const char Guard = '\'';
    private static readonly SearchValues<char> Marks = SearchValues.Create(",;\"\t\r\n");

    /// <summary>The cell of a text: with an apostrophe before it if it would begin a formula, and in quotes if it has to be.</summary>
    /// <param name="text">Any text, of any number of lines.</param>
    public static string Cell(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string guarded = IsFormula(text) ? Guard + text : text;
        bool isQuoted = guarded.AsSpan().ContainsAny(Marks) || (guarded.Length > 0 && (char.IsWhiteSpace(guarded[0]) || char.IsWhiteSpace(guarded[^1])));
        return isQuoted ? $"\"{guarded.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : guarded;
    }

    /// <summary>The text of a cell, out of its quotes: without the apostrophe that <see cref="Cell"/> has put before it.</summary>
    /// <param name="cell">What the cell holds.</param>
    public static string Text(string cell)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell is [Guard, ..] && IsFormula(cell[1..]) ? cell[1..] : cell;
    }

    // Apostrophes before it make no difference, so that a text that has one of its own comes back with it.
    private static bool IsFormula(string text) => text.AsSpan().TrimStart(Guard) is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..];
}
