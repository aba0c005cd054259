using Pnl.Cli.Output;

namespace Pnl.Tests.Unit.Cli;

/// <summary>What the API answered, as it is written for programs.</summary>
public sealed class ScreenTests
{
    [Fact]
    public void Pages_become_one_with_every_digit_and_another_answer_stays_as_it_is()
    {
        Assert.Equal("""{"items":[{"pnl":0.1234567890123456789012345678901234},{"pnl":-0.10},{"name":"Ö"}],"nextCursor":null}""", Written(
            """{"items":[{"pnl":0.1234567890123456789012345678901234},{"pnl":-0.10}],"nextCursor":"x"}""", """{"items":[{"name":"Ö"}],"nextCursor":null}"""));
        Assert.Equal("""{ "status": "completed" }""", Written("""{"status":"running"}""", """{ "status": "completed" }"""));
        Assert.Equal("", Written());
    }

    private static string Written(params string[] answers)
    {
        using StringWriter text = new();
        new Screen(Consoles.Of(text, 80), OutputFormat.Json).Write(answers);
        return text.ToString().TrimEnd();
    }
}
