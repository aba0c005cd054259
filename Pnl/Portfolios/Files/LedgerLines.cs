using System.Text;

namespace Pnl;

/// <summary>
/// The rows of a ledger's text: a line each, or several where a field in quotes goes on over their ends. A quote that is not closed, or not
/// as quotes should be, spoils the line in which it stands and no other.
/// </summary>
internal sealed class LedgerLines(TextReader text)
{
    private const int None = -2;
    private const int MostLinesAField = 1100; // a note has at most 1,024 characters

    private readonly Queue<string> _ahead = new(); // lines that were looked at, with their ends
    private long _line;
    private int _read = None; // behind a '\r'; Peek of a file may not know it yet

    /// <summary>The next row without its end, and the number of its first line, counted from 1; null at the end.</summary>
    /// <param name="columns">How many fields a row of several lines must have to be one; 0 for lines alone.</param>
    /// <param name="separator">The sign between two fields.</param>
    public (long Line, string Text)? Next(int columns, char separator = ',')
    {
        if (Take() is not { } first)
        {
            return null;
        }

        long number = ++_line;
        string row = WithoutEnd(first);
        return columns > 0 && HasOpenQuote(row) && Longer(first, columns, separator) is { } longer ? (number, longer) : (number, row);
    }

    /// <summary>The row that goes on until its quote is closed; null if it is none, and nothing is taken then.</summary>
    private string? Longer(string first, int columns, char separator)
    {
        StringBuilder row = new(first);
        string[] ahead = [.. _ahead];
        bool isOpen = true;
        int lines = 0;
        while (isOpen)
        {
            if (lines == ahead.Length)
            {
                if (lines == MostLinesAField || ReadWithEnd() is not { } more)
                {
                    return null;
                }

                _ahead.Enqueue(more);
                ahead = [.. ahead, more];
            }

            row.Append(ahead[lines]);
            isOpen = !HasOpenQuote(ahead[lines++]);
        }

        string whole = WithoutEnd(row.ToString());
        if (!LedgerRow.IsQuotedWell(whole, separator) || LedgerRow.Split(whole, separator)?.Count != columns)
        {
            return null;
        }

        for (int i = 0; i < lines; i++)
        {
            _ahead.Dequeue();
        }

        _line += lines;
        return whole;
    }

    private string? Take() => _ahead.TryDequeue(out string? line) ? line : ReadWithEnd();

    /// <summary>A line as it is, with what ends it: a note of several lines comes back with the ends that it had.</summary>
    private string? ReadWithEnd()
    {
        StringBuilder? line = null;
        int c;
        while ((c = Read()) >= 0)
        {
            (line ??= new()).Append((char)c);
            if (c == '\n')
            {
                break;
            }

            if (c == '\r' && (_read = Read()) != '\n')
            {
                break;
            }
        }

        return line?.ToString();
    }

    private int Read()
    {
        (int c, _read) = (_read, None);
        return c == None ? text.Read() : c;
    }

    private static bool HasOpenQuote(string line) => line.AsSpan().Count('"') % 2 == 1;

    private static string WithoutEnd(string line) => line.EndsWith("\r\n", StringComparison.Ordinal) ? line[..^2] : line is [.., '\r' or '\n'] ? line[..^1] : line;
}
