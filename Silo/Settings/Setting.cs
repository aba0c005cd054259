using System.Globalization;
using System.Reflection;

namespace Pnl.Silo;

/// <summary>One setting of the section <c>Pnl</c>: a property of <see cref="PnlSettings"/> or of a class within it.</summary>
/// <param name="Name">Its name within the section, such as <c>Simulated:Seed</c>.</param>
/// <param name="Path">Where the binder looks for it. It differs for a section that has a value too: that is the property <c>Value</c> of its class.</param>
/// <param name="Property">The property that it is bound to.</param>
/// <param name="Initial">What the property is where the setting is not given; null for nothing.</param>
internal sealed record Setting(string Name, string Path, PropertyInfo Property, object? Initial)
{
    private const string OwnValue = ":Value";

    /// <summary>All settings, by their names; those of a source once for each exchange.</summary>
    public static IReadOnlyDictionary<string, Setting> All { get; } = Within(typeof(PnlSettings), "").ToDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>What it is for, in Markdown.</summary>
    public string Description => Property.GetCustomAttribute<DescriptionAttribute>()!.Description;

    /// <summary>What holds where it is not given, in Markdown: in words where it depends on others.</summary>
    public string Default => Property.GetCustomAttribute<DefaultValueAttribute>()?.Value as string
        ?? ((Initial is Enum value ? Word(value) : Convert.ToString(Initial, CultureInfo.InvariantCulture)) is { Length: > 0 } text ? $"`{text}`" : "-");

    /// <summary>What it may be.</summary>
    public string Expected => Rules.Select(rule => rule.ErrorMessage).FirstOrDefault(text => text is not null)
        ?? (Rules.OfType<RangeAttribute>().FirstOrDefault() is { } range ? string.Create(CultureInfo.InvariantCulture, $"a whole number from {range.Minimum} to {range.Maximum}")
            : Type.IsEnum ? Or([.. Enum.GetValues(Type).Cast<Enum>().Select(Word)])
            : Type == typeof(Uri) ? "an absolute http or https address" : "text");

    private Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    private IEnumerable<ValidationAttribute> Rules => Property.GetCustomAttributes<ValidationAttribute>();

    /// <summary>Whether a text sets it. An empty one does not, but for those that are required to be something where they are given.</summary>
    /// <exception cref="SettingsException">The text is not what it may be.</exception>
    public bool IsSetBy(string text)
    {
        if (text.Length == 0 && !Rules.OfType<RequiredAttribute>().Any())
        {
            return false;
        }

        object? value = Type == typeof(int) ? int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null
            : Type == typeof(Uri) ? Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri : null
            : Type.IsEnum ? Enum.GetValues(Type).Cast<Enum>().FirstOrDefault(value => Word(value) == text)
            : text;
        return value is not null && Rules.All(rule => rule.IsValid(value)) ? true
            : throw new SettingsException(Name, Rules.OfType<DataTypeAttribute>().Any(rule => rule.DataType == DataType.Password) ? "***" : text, Expected);
    }

    /// <summary>How a value is written in settings.</summary>
    public static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string Or(string[] words) => $"{string.Join(", ", words[..^1])} or {words[^1]}";

    private static IEnumerable<Setting> Within(Type type, string prefix)
    {
        object initial = Activator.CreateInstance(type)!;
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property =>
        {
            string path = prefix + (property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name ?? property.Name);
            return property.IsDefined(typeof(DescriptionAttribute)) ? [new(path.EndsWith(OwnValue, StringComparison.Ordinal) ? path[..^OwnValue.Length] : path, path, property, property.GetValue(initial))]
                : property.PropertyType == typeof(Dictionary<string, SourceSettings>) ? SourceSettings.Exchanges.SelectMany(exchange => Within(typeof(SourceSettings), $"{path}:{exchange}:"))
                : Within(property.PropertyType, path + ":");
        });
    }
}
