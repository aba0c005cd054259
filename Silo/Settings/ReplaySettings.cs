using System.Globalization;

namespace Pnl.Silo;

/// <summary>Files that are played as if live.</summary>
internal sealed class ReplaySettings
{
    [Description("for `replay`: the folder whose files (as those of `files`) are played through the streams as if live, 12 bytes of memory a bar")] public string? Path { get; set; }
    [Description("how many times faster than time they are played: 1 is real time, `max` as fast as the system keeps up"), Pace] public string Speed { get; set; } = "1";

    /// <summary>How many times faster than time; null for as fast as the system keeps up.</summary>
    internal double? Factor => Speed == PaceAttribute.Most ? null : double.Parse(Speed, NumberStyles.Float, CultureInfo.InvariantCulture);

    [AttributeUsage(AttributeTargets.Property)]
    private sealed class PaceAttribute : ValidationAttribute
    {
        public const string Most = "max";

        public PaceAttribute() => ErrorMessage = "max, or a number above 0: how many times faster than time";

        public override bool IsValid(object? value) =>
            value is Most || (double.TryParse(value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out double speed) && speed is > 0 and <= 1e6);
    }
}
