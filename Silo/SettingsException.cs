namespace Pnl.Silo;

/// <summary>A setting is not what it may be.</summary>
internal sealed class SettingsException(string name, string? value, string expected)
    : Exception($"the setting {PnlSettings.Section}:{name} is '{value}'; it may be {expected}");
