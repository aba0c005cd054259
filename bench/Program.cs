using Pnl.Bench;

return args switch
{
    ["report", .. string[] rest] => await ReportCommand.RunAsync(rest),
    ["backfill", .. string[] rest] => await ReportCommand.BackfillAsync(rest),
    ["micro", .. string[] rest] => MicroCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        report [--only NAME...] [--json FILE] [--explain]   ours and the peers on the same data
        backfill [--files parquet|csv.gz] [--tokens N] [--days N]
                                                            a backfill alone; by default 10,000 tokens over a year, minutes
        micro [BenchmarkDotNet options]                     single operations, with what they allocate
        """);
    return 2;
}
