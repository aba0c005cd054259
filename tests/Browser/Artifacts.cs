using System.Text.RegularExpressions;

namespace Pnl.Tests.Browser;

/// <summary>The folder of what tests leave to be looked at.</summary>
internal static class Artifacts
{
    // The tests run in <repository>/tests/Browser/bin/<configuration>/<framework>.
    public static string Folder { get; } = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "artifacts")).FullName;
}

internal static partial class Patterns
{
    [GeneratedRegex(@"^\d+$")]
    public static partial Regex Number();

    [GeneratedRegex("^M.+L")]
    public static partial Regex Path();
}
