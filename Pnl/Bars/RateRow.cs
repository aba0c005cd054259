namespace Pnl;

/// <summary>
/// One row of a file or request of rates: a good bar, or what is wrong with it. A row is never left out, so that what
/// was read can be accounted for.
/// </summary>
/// <param name="Line">Where it stands: the line in text (the header is line 1), the row from 1 in Parquet.</param>
/// <param name="Slot">The interval, see <see cref="BarTime"/>; 0 if the time is defective.</param>
/// <param name="Rate">Quote currency per token; 0 if there is a defect.</param>
/// <param name="Defect">What is wrong, the time before the rate; <see cref="BarDefect.None"/> for a good bar.</param>
/// <param name="TimeSeconds">The time as given, in Unix seconds rounded down; 0 if it could not be read.</param>
public readonly record struct RateRow(long Line, int Slot, decimal Rate, BarDefect Defect, long TimeSeconds);
