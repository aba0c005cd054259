using System.Globalization;
using System.Text;
using Pnl.Cli.CommandLine;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Unit.Cli;

/// <summary>docs/tool.md is what the program's own help says.</summary>
public sealed class ToolPageTests
{
    private const string Command = "Pnl__Docs__Write=1 dotnet run -c Release --project tests/Unit -- -class Pnl.Tests.Unit.Cli.ToolPageTests";
    private const string Begin = "<!-- made by ToolPageTests from here on -->\n";

    [Fact]
    public async Task The_page_is_what_the_commands_say()
    {
        string path = Path.Combine(Repository.Root, "docs", "tool.md");
        string page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        Assert.True(begin > Begin.Length, $"{path} has no line {Begin}");
        string made = page[..begin] + Commands();
        if (Environment.GetEnvironmentVariable("Pnl__Docs__Write") == "1")
        {
            await File.WriteAllTextAsync(path, made, TestContext.Current.CancellationToken);
            page = made;
        }

        Assert.True(page == made, $"docs/tool.md is out of date; this makes it anew: {Command}");
    }

    private static string Commands()
    {
        StringBuilder page = new();
        CommandOption[] everywhere = [.. ToolCommands.All.SelectMany(command => command.Options).DistinctBy(option => (option.LongName, option.Description)).Where(option => ToolCommands.All.Count(command => command.Options.Any(other => Same(other, option))) > ToolCommands.All.Count / 2)];
        page.Append("\n## Options of most commands\n\n| option | meaning |\n|---|---|\n");
        foreach (CommandOption option in everywhere)
        {
            page.Append(Row(option));
        }

        foreach (ToolCommand command in ToolCommands.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## pnl {command.Name}\n\n{command.Description}\n\n```\n");
            foreach (string example in command.Examples)
            {
                page.Append(CultureInfo.InvariantCulture, $"pnl {example}\n");
            }

            page.Append("```\n");
            CommandOption[] options = [.. command.Options.Where(option => !everywhere.Any(other => Same(other, option)))];
            if (command.Arguments.Count + options.Length > 0)
            {
                page.Append("\n| argument, option | meaning |\n|---|---|\n");
                foreach (CommandArgument argument in command.Arguments)
                {
                    string name = argument.IsMany ? argument.Name + "…" : argument.Name;
                    page.Append(CultureInfo.InvariantCulture, $"| `{(argument.IsRequired ? $"<{name}>" : $"[{name}]")}` | {Cell(argument.Description)} |\n");
                }

                foreach (CommandOption option in options)
                {
                    page.Append(Row(option));
                }
            }

            string[] without = [.. everywhere.Where(option => !command.Options.Any(other => Same(other, option))).Select(option => option.LongName)];
            page.Append(without.Length == 0 ? "" : $"\nIt has no {string.Join(", ", without)}.\n");
        }

        return page.ToString();
    }

    private static bool Same(CommandOption one, CommandOption other) => one.LongName == other.LongName && one.Description == other.Description;

    private static string Row(CommandOption option) =>
        $"| `{string.Join(", ", option.Names)}{(option.Value is null ? "" : $" <{option.Value}>")}` | {Cell(option.Description)}{(option.IsRequired ? " Required." : "")}{(option.IsMany ? " May be given again." : "")}{(option.Default is { } value ? $" Default: {value}." : "")} |\n";

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
