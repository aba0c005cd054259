using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary><c>check</c>: reads all that a cluster keeps and names what is damaged. It may run beside the silos.</summary>
internal static class CheckCommand
{
    public const string Name = "check";

    /// <returns>1 if something is damaged.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        AzureStorage storage = AzureStorage.OfCommand(args, "on one machine `pnl check` reads the data folder");
        AzureCheckResult tables = await AzureCheck.RunAsync(new AzureTables(storage.Tables, storage.Prefix, TimeProvider.System), CancellationToken.None);
        GrainStateCheck.Result states = await GrainStateCheck.RunAsync(storage.States, CancellationToken.None);
        foreach (string damaged in tables.Damaged.Concat(states.Damaged))
        {
            Console.WriteLine(damaged);
        }

        int count = tables.Damaged.Count + states.Damaged.Count;
        Console.WriteLine($"{tables.Rows} rows and {states.Blobs} states of grains; {count} damaged; {tables.Unsummed + states.Unsummed} of a release that kept no checksums");
        return count == 0 ? 0 : 1;
    }
}
