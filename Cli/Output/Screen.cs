using System.Text.Json.Nodes;
using Spectre.Console;

namespace Pnl.Cli.Output;

/// <summary>How a command writes what it was told.</summary>
internal enum OutputFormat
{
    /// <summary>Tables and sentences, for people.</summary>
    Table,

    /// <summary>What the API answered.</summary>
    Json,

    /// <summary>The rows of its table, with a header.</summary>
    Csv,
}

/// <summary>Where a command writes: what is for people only is left out where programs read.</summary>
internal sealed class Screen(IAnsiConsole console, OutputFormat format)
{
    public IAnsiConsole Console => console;

    public OutputFormat Format => format;

    public bool IsForPeople => format == OutputFormat.Table;

    /// <summary>A sentence for people, with Spectre's markup.</summary>
    public void Say(FormattableString line)
    {
        if (IsForPeople)
        {
            console.MarkupLineInterpolated(System.Globalization.CultureInfo.InvariantCulture, line);
        }
    }

    /// <summary>The rows that are the answer.</summary>
    public void Show<T>(Sheet<T> sheet)
    {
        if (format == OutputFormat.Csv)
        {
            sheet.WriteCsv(console.Profile.Out.Writer);
        }
        else if (IsForPeople)
        {
            sheet.WriteTable(console);
        }
    }

    /// <summary>The answers of the API: the last one, or where it is a page, the items of all pages in one.</summary>
    public void Write(IReadOnlyList<string> answers)
    {
        if (answers.Count == 0)
        {
            return; // nothing was answered but that it is done
        }

        string text = answers[^1];
        if (answers.Count > 1 && JsonNode.Parse(text) is JsonObject last && last["items"] is JsonArray)
        {
            JsonArray items = [];
            foreach (string page in answers)
            {
                foreach (JsonNode? item in JsonNode.Parse(page)?["items"]?.AsArray() ?? [])
                {
                    items.Add(item?.DeepClone());
                }
            }

            last["items"] = items;
            text = last.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        }

        console.Profile.Out.Writer.WriteLine(text);
    }
}
