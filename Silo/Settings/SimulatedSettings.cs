using Pnl.Rates.Simulation;

namespace Pnl.Silo;

/// <summary>The simulated market.</summary>
internal sealed class SimulatedSettings
{
    [Description("decides everything that looks random in the simulated market"), Range(0, int.MaxValue)] public int Seed { get; set; } = 1;
    [Description("how many tokens it has; of 10,300 some are listed later and some delisted, so that 10,000 trade"), Range(1, 1_000_000)] public int Tokens { get; set; } = 10_300;
    [Description("with how many days of history it begins"), Range(1, 3650)] public int HistoryDays { get; set; } = 30;

    internal SimulatedMarketOptions ToOptions() => new() { Seed = (ulong)Seed, Tokens = Tokens };
}
