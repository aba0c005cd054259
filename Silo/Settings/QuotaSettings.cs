namespace Pnl.Silo;

/// <summary>How much there may be.</summary>
internal sealed class QuotaSettings
{
    private static readonly QuotaOptions Usual = new();

    [Description("the most tokens that callers register ([decision 32](decisions/0032-bounds.md))"), Range(0, int.MaxValue)] public int Tokens { get; set; } = Usual.Tokens;
    [Description("the most portfolios of an owner"), Range(0, int.MaxValue)] public int Portfolios { get; set; } = Usual.Portfolios;
    [Description("the most entries of a portfolio"), Range(0, int.MaxValue)] public int Entries { get; set; } = Usual.Entries;
    [Description("the most backfills kept"), Range(1, int.MaxValue)] public int Backfills { get; set; } = Usual.Backfills;
    [Description("the most names that a caller makes within an hour"), Range(0, int.MaxValue)] public int NamesAnHour { get; set; } = Usual.NamesAnHour;

    internal QuotaOptions ToOptions() => new() { Tokens = Tokens, Portfolios = Portfolios, Entries = Entries, Backfills = Backfills, NamesAnHour = NamesAnHour };
}
