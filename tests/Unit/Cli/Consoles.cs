using Spectre.Console;

namespace Pnl.Tests.Unit.Cli;

/// <summary>Screens without colours that write into a text.</summary>
internal static class Consoles
{
    public static IAnsiConsole Of(TextWriter text, int width)
    {
        IAnsiConsole console = AnsiConsole.Create(new() { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
