using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Pnl.Silo;

/// <summary>A setting is not what it may be.</summary>
internal sealed partial class SettingsException : Exception
{
    /// <param name="name">Name within the section <c>Pnl</c>.</param>
    /// <param name="value">What it is. What looks like a key or a password in it is not told.</param>
    /// <param name="expected">What it may be.</param>
    public SettingsException(string name, string? value, string expected)
        : this($"the setting {PnlSettings.Section}:{name} is '{Secret().Replace(value ?? "", "***")}'; it may be {expected}")
    {
    }

    private SettingsException(string message)
        : base(message)
    {
    }

    /// <exception cref="SettingsException">The setting is wrong.</exception>
    public static void ThrowIf([DoesNotReturnIf(true)] bool isWrong, string name, string? value, string expected)
    {
        if (isWrong)
        {
            throw new SettingsException(name, value, expected);
        }
    }

    /// <summary>There is no such setting. Its value is not told: it may be the secret of another.</summary>
    public static SettingsException Unknown(string name, string? nearest) =>
        new($"the setting {PnlSettings.Section}:{name} is unknown; {(nearest is null ? "docs/settings.md lists all that there are" : $"did you mean {PnlSettings.Section}:{nearest}?")}");

    /// <summary>A setting of the host, outside the section <c>Pnl</c>.</summary>
    public static SettingsException OfHost(string name, string value, string expected) => new($"the setting {name} is '{value}'; it may be {expected}");

    // A user's password in an address, the query of one, and the parts of a connection string that are keys.
    [GeneratedRegex(@"(?<=://)[^/@]+(?=@)|(?<=://[^?]*\?).+|(?<=(key|password|signature|sig)=)[^;]+", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();
}
