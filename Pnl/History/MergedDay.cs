namespace Pnl;

/// <summary>The bars of one UTC day of a token, put together from its listings.</summary>
/// <param name="Day">Day since the Unix epoch.</param>
/// <param name="Block">The encoded bars; empty if there is none.</param>
/// <param name="Runs">Those of its periods whose bars are of a coarser interval, ascending.</param>
internal readonly record struct MergedDay(int Day, ReadOnlyMemory<byte> Block, CoarseRun[] Runs);
