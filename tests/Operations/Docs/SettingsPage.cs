using Pnl.Silo;

namespace Pnl.Tests.Operations.Docs;

/// <summary>docs/settings.md, made from the classes that the settings are bound to.</summary>
internal static class SettingsPage
{
    private const string Head = """
        # Settings

        Made from the classes in `Silo/Settings` by `tests/Operations/Docs/SettingsPageTests.cs`; change the descriptions there.

        A setting is read from `Silo/appsettings.json`, then the environment (`Pnl__DataDirectory`), then the command line (`--Pnl:DataDirectory=…`); the later one
        holds. Names may be written in upper or lower case. An empty value is as none, but for `Pnl:Feed`, `Pnl:Otlp` and addresses of sources, where it is an error.
        A name that is not in this list, or a value that is not what it may be, is an error at start, which names the setting.

        | setting | default | may be | meaning |
        |---|---|---|---|
        | `--urls` | `http://localhost:8080` | addresses | where HTTP listens; port 0 picks a free one and logs it |

        """;

    public static string Make() => Head + string.Concat(Setting.All.Values.DistinctBy(setting => setting.Property).Select(setting =>
        $"| `{PnlSettings.Section}:{Pattern(setting)}` | {setting.Default} | {setting.Expected} | {setting.Description} |\n")) + $"""

        `<source>` is {string.Join(", ", SourceSettings.Exchanges.SkipLast(1))} or {SourceSettings.Exchanges[^1]}.

        """;

    private static string Pattern(Setting setting) => setting.Property.DeclaringType == typeof(SourceSettings) ? setting.Name.Replace($":{SourceSettings.Exchanges[0]}:", ":<source>:", StringComparison.Ordinal) : setting.Name;
}
