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
        (string known, int changes) = Setting.All.Keys.Select(known => (known, Changes(name.ToLowerInvariant(), known.ToLowerInvariant()))).MinBy(pair => pair.Item2);
        return changes <= Math.Max(1, name.Length / 3) ? known : null;
    }

    /// <summary>Levenshtein's distance: how many letters must be put in, left out or replaced.</summary>
    private static int Changes(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            (int before, row[0]) = (row[0], i);
            for (int j = 1; j <= to.Length; j++)
            {
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (from[i - 1] == to[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
