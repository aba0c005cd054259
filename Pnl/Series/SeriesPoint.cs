namespace Pnl;

/// <summary>A point of a series.</summary>
internal readonly record struct SeriesPoint(int Slot, decimal Rate);
