namespace Pnl.Bench.Reporting;

/// <summary>Work that is measured, ours and the peers' on the same data: one figure or a few that belong together.</summary>
internal interface IRow
{
    /// <summary>The names of its figures, or what they begin with, such as <c>windows.batch</c>.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Measures. Peers that are not installed are left out, with a note.</summary>
    Task<IReadOnlyList<Figure>> MeasureAsync(BenchRun run, CancellationToken cancel);
}
