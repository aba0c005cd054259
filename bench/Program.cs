using Pnl.Bench;

return args switch
{
    ["report", .. string[] rest] => await ReportCommand.RunAsync(rest),
    ["billion"] => await ReportCommand.BillionAsync(),
    ["micro", .. string[] rest] => MicroCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        report [--only NAME...] [--json FILE] [--explain]   ours and the peers on the same data
        billion                                             a backfill of 10,000 tokens over a year from Parquet, minutes
        micro [BenchmarkDotNet options]                     single operations, with what they allocate
        """);
    return 2;
}
