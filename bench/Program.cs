using Pnl.Bench;

return args switch
{
    ["report", .. string[] rest] => await ReportCommand.RunAsync(rest),
    ["backfill", .. string[] rest] => await ReportCommand.BackfillAsync(rest),
    ["live", .. string[] rest] => await ReportCommand.LiveAsync(rest),
    ["micro", .. string[] rest] => MicroCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        report [--only NAME...] [--json FILE] [--explain]   ours and the peers on the same data
        backfill [--files parquet|csv.gz] [--tokens N] [--days N]
                                                            a backfill alone; by default 10,000 tokens over a year, minutes
        live [--tokens N] [--days N] [--ticks N] [--sustained SECONDS] [--asked SECONDS]
                                                            ticks, lasting load and queries; by default ticks of 100,000 tokens
        micro [BenchmarkDotNet options]                     single operations, with what they allocate
        """);
    return 2;
}
