using System.Globalization;

namespace Pnl.Tests.Unit.Sources;

/// <summary>Slots and ranges as tests write them.</summary>
internal static class Slots
{
    /// <summary>The slot that contains a UTC time such as <c>2024-03-13T11:00</c>.</summary>
    public static int At(string utc) =>
        BarTime.SlotAt(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    /// <summary>The slot of Unix seconds.</summary>
    public static int At(long seconds) => BarTime.SlotAtSeconds(seconds);

    /// <summary>A range that holds all slots around some Unix seconds, a week to each side.</summary>
    public static SlotRange Around(long seconds) => new(At(seconds) - 2016, At(seconds) + 2016);
}
