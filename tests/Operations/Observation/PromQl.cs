using System.Text.RegularExpressions;

namespace Pnl.Tests.Operations.Observation;

/// <summary>Reads the names of metrics out of an expression of Prometheus.</summary>
internal static partial class PromQl
{
    private static readonly string[] Words = ["and", "or", "unless", "bool", "offset", "inf", "nan"];

    public static IEnumerable<string> Metrics(string expression)
    {
        string bare = Grouping().Replace(Range().Replace(Matchers().Replace(expression, ""), ""), "");
        return Identifier().Matches(bare).Select(match => match.Value).Except(Words, StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex("""\{([^"}]|"(\\.|[^"\\])*")*\}""")]
    private static partial Regex Matchers();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    // What a parenthesis follows is a function.
    [GeneratedRegex(@"(?<![\w.])[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()")]
    private static partial Regex Identifier();
}
