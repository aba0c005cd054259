using System.Text.RegularExpressions;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>What silos log when they start: of a healthy start no warning and no failure.</summary>
internal static partial class StartLog
{
    /// <summary>Fails with the lines that warn or tell of a failure.</summary>
    /// <param name="output">What was written up to when it was ready; the name of a process may stand before a line.</param>
    public static void AssertHealthy(string output)
    {
        string[] told = [.. output.Split('\n').Where(line => Grave().IsMatch(line) && !OfSlowMachine().IsMatch(line))];
        Assert.Empty(told);
    }

    [GeneratedRegex(@"^(?:[\w ]+: )?\d\d:\d\d:\d\d (?:warn|fail|crit): ")]
    private static partial Regex Grave();

    // That a turn, a probe, a thread or a look at the table was given no time is of the machine, which runs other tests beside.
    [GeneratedRegex(@" Orleans\.Runtime\.(?:Scheduler\.WorkItemGroup|Watchdog|MembershipService\.(?:Local)?SiloHealthMonitor)\[|AzureBasedMembershipTable\[.*(?:TaskCanceled|OperationCanceled)Exception|\bstood still\b")]
    private static partial Regex OfSlowMachine();
}
