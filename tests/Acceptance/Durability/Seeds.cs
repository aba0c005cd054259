using System.Globalization;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>
/// The seeds of the tests that interrupt a silo: one as a rule, and as many as <c>Pnl__Stress__Seeds</c> says:
/// <code>Pnl__Stress__Seeds=20 dotnet test -c Release tests/Acceptance --filter FullyQualifiedName~Kill_9</code>
/// What a seed decides (bars, batches, the moment) is the same in every run; how the requests interleave is not.
/// </summary>
internal static class Seeds
{
    private const string Variable = "Pnl__Stress__Seeds";
    private const int Few = 1;

    public static TheoryData<int> All => [.. Enumerable.Range(1, Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : Few)];
}
