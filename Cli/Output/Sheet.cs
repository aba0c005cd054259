using System.Globalization;
using Spectre.Console;

namespace Pnl.Cli.Output;

/// <summary>A column of a table.</summary>
/// <typeparam name="T">What a row is of.</typeparam>
/// <param name="Title">What it is called, in the table and in the header of CSV.</param>
/// <param name="Value">What stands in it, as <see cref="Figures"/> writes it.</param>
/// <param name="Style">Its colour; null for none.</param>
/// <param name="Wraps">Whether it is prose, which may be broken into lines.</param>
internal sealed record Column<T>(string Title, Func<T, object?> Value, Func<T, Style>? Style = null, bool Wraps = false);

/// <summary>
/// Rows of figures. As a table it keeps to the width of the screen and cuts nothing: columns that have no room make a second table with
/// the first column again; where not even two have room, each row is a list.
/// </summary>
internal sealed record Sheet<T>(IReadOnlyList<T> Rows, params IReadOnlyList<Column<T>> Columns)
{
    private const int Prose = 20; // characters that prose is given at least
    private const int Frame = 3; // of a column: a line and a space on both sides

    /// <summary>Above the table; null for nothing.</summary>
    public string? Title { get; init; }

    /// <summary>Below the table; null for nothing.</summary>
    public string? Caption { get; init; }

    public void WriteCsv(TextWriter csv)
    {
        csv.WriteLine(string.Join(',', Columns.Select(column => CsvText.Cell(column.Title))));
        foreach (T row in Rows)
        {
            csv.WriteLine(string.Join(',', Columns.Select(column => column.Value(row) is var value && Figures.IsNumber(value) ? Figures.Csv(value) : CsvText.Cell(Figures.Csv(value)))));
        }
    }

    public void WriteTable(IAnsiConsole console)
    {
        int[] widths = [.. Columns.Select(Width)];
        int room = console.Profile.Width - 1;
        if (widths.Skip(1).Any(width => widths[0] + width + 2 * Frame > room))
        {
            WriteLists(console);
            return;
        }

        List<int> some = [0];
        int taken = widths[0] + Frame;
        bool isFirst = true;
        for (int i = 1; i < Columns.Count; i++)
        {
            if (taken + widths[i] + Frame > room)
            {
                Write(console, some, isFirst ? Title : null, null);
                (some, taken, isFirst) = ([0], widths[0] + Frame, false);
            }

            some.Add(i);
            taken += widths[i] + Frame;
        }

        Write(console, some, isFirst ? Title : null, Caption);
    }

    private void Write(IAnsiConsole console, List<int> columns, string? title, string? caption)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        table.Title = title is null ? null : new TableTitle(Markup.Escape(title));
        table.Caption = caption is null ? null : new TableTitle(Markup.Escape(caption));
        foreach (int i in columns)
        {
            Column<T> column = Columns[i];
            bool isNumber = Rows.Select(column.Value).Any(Figures.IsNumber);
            table.AddColumn(new TableColumn(new Text(column.Title)) { NoWrap = !column.Wraps, Alignment = isNumber ? Justify.Right : Justify.Left });
        }

        foreach (T row in Rows)
        {
            table.AddRow(columns.Select(i => new Text(Figures.Text(Columns[i].Value(row)), Columns[i].Style?.Invoke(row))));
        }

        console.Write(table);
    }

    private void WriteLists(IAnsiConsole console)
    {
        TextWriter text = console.Profile.Out.Writer; // the console would break a long number
        int longest = Columns.Max(column => column.Title.Length);
        text.WriteLine(Title);
        foreach (T row in Rows)
        {
            foreach (Column<T> column in Columns)
            {
                text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(column == Columns[0] ? "" : "  ")}{column.Title.PadRight(longest)}  {Figures.Text(column.Value(row))}"));
            }
        }

        text.WriteLine(Caption);
    }

    private int Width(Column<T> column)
    {
        int longest = Math.Max(column.Title.Length, Rows.Select(row => Figures.Text(column.Value(row)).Length).DefaultIfEmpty().Max());
        return column.Wraps ? Math.Min(longest, Math.Max(Prose, Rows.SelectMany(row => Figures.Text(column.Value(row)).Split(' ')).Select(word => word.Length).DefaultIfEmpty().Max())) : longest;
    }
}
