using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Docs;

/// <summary>A command of a page, as a reader copies it.</summary>
/// <param name="Page">The page, by its path from the root of the repository.</param>
/// <param name="Line">Where it begins.</param>
/// <param name="Text">All of its lines, without a comment behind them.</param>
/// <param name="Expected">What the comment lines below it say that it answers, an ellipsis for anything; null if they say nothing.</param>
internal sealed record DocumentedCommand(string Page, int Line, string Text, string? Expected)
{
    /// <summary>The pages whose commands are run.</summary>
    public static string[] Pages { get; } =
        ["README.md", .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md").Select(path => "docs/" + Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>All that stands in blocks of the language sh, in order.</summary>
    public static IReadOnlyList<DocumentedCommand> Of(string page)
    {
        List<DocumentedCommand> commands = [];
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, page));
        bool inside = false;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                inside = !inside && lines[i] == "```sh";
            }
            else if (inside && lines[i].StartsWith("# ", StringComparison.Ordinal) && commands.Count > 0)
            {
                commands[^1] = commands[^1] with { Expected = commands[^1].Expected + lines[i][2..] };
            }
            else if (inside && lines[i].Length > 0)
            {
                int first = i;
                string text = lines[i];
                (string command, bool isOpen) = Told(text);
                while (isOpen)
                {
                    text += "\n" + lines[++i];
                    (command, isOpen) = Told(text);
                }

                commands.Add(new(page, first + 1, command, null));
            }
        }

        return commands;
    }

    public override string ToString() => $"{Page}:{Line}: {Text}";

    /// <summary>A command without the remark behind it, and whether it goes on in the next line: in quotes, or behind a backslash.</summary>
    private static (string Command, bool IsOpen) Told(string text)
    {
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            if (quote == '\0' && text[i] == '#' && i > 0 && text[i - 1] == ' ')
            {
                return (text[..i].TrimEnd(), false);
            }

            quote = quote == text[i] ? '\0' : quote == '\0' && text[i] is ('\'' or '"') ? text[i] : quote;
        }

        return (text.TrimEnd(), quote != '\0' || text.EndsWith('\\'));
    }
}
