namespace Pnl.Silo;

/// <summary>A setting is not what it may be.</summary>
internal sealed class SettingsException : Exception
{
    /// <param name="name">Name within the section <c>Pnl</c>.</param>
    /// <param name="value">What it is.</param>
    /// <param name="expected">What it may be.</param>
    public SettingsException(string name, string? value, string expected)
        : this($"the setting {PnlSettings.Section}:{name} is '{value}'; it may be {expected}")
    {
    }

    private SettingsException(string message)
        : base(message)
    {
    }

    /// <summary>A setting of the host, outside the section <c>Pnl</c>.</summary>
    public static SettingsException OfHost(string name, string value, string expected) => new($"the setting {name} is '{value}'; it may be {expected}");
}
