namespace Pnl;

/// <summary>A point of a series: the rate, and the rate before it.</summary>
internal readonly record struct SeriesPoint(int Slot, decimal Rate, decimal Previous);
