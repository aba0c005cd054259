namespace Pnl.Silo;

/// <summary>Binds the section <c>Pnl</c> to <see cref="PnlSettings"/>, after each of its settings was looked at.</summary>
internal static class SettingsReader
{
    /// <summary>The settings, and the names of those that are given, empty ones too.</summary>
    /// <exception cref="SettingsException">A setting is unknown, or not what it may be by itself.</exception>
    public static (PnlSettings Settings, IReadOnlyList<string> Given) Read(IConfiguration configuration)
    {
        List<(Setting Setting, string Text)> given =
        [
            .. configuration.GetSection(PnlSettings.Section).AsEnumerable(makePathsRelative: true).Where(pair => pair.Value is not null)
                .Select(pair => (Setting.All.GetValueOrDefault(pair.Key) ?? throw SettingsException.Unknown(pair.Key, Nearest(pair.Key)), pair.Value!)),
        ];
        Dictionary<string, string?> bound = given.Where(one => one.Setting.IsSetBy(one.Text)).ToDictionary(one => one.Setting.Path, one => (string?)one.Text);
        return (new ConfigurationBuilder().AddInMemoryCollection(bound).Build().Get<PnlSettings>() ?? new(), [.. given.Select(one => one.Setting.Name)]);
    }

    /// <summary>The known name that takes the fewest changes, of a third of its letters at most; null if there is none.</summary>
    private static string? Nearest(string name)
    {
        (string known, int changes) = Setting.All.Keys.Select(known => (known, EditDistance.Of(name, known))).MinBy(pair => pair.Item2);
        return changes <= Math.Max(1, name.Length / 3) ? known : null;
    }
}
