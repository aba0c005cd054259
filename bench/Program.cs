using Pnl.Bench;

return args switch
{
    ["report", .. string[] rest] => await ReportCommand.RunAsync(rest),
    ["micro", .. string[] rest] => MicroCommand.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        report [--only NAME...] [--json FILE] [--explain]   ours and the peers on the same data
        micro [BenchmarkDotNet options]                     single operations, with what they allocate
        """);
    return 2;
}
