namespace Pnl.Tests.Unit.Cli;

/// <summary>The words of a command line, as a shell splits it: by spaces, but not within double quotes.</summary>
internal static class ShellWords
{
    public static string[] Of(string line) => [.. line.Split('"').SelectMany((part, i) => i % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
}
