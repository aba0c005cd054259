using Pnl.Rates;

namespace Pnl.Silo;

/// <summary><c>new-epoch</c>: after tables were put back, with all silos and gateways stopped, so that nothing holds any more that was told before.</summary>
internal static class NewEpochCommand
{
    public const string Name = "new-epoch";

    public static async Task RunAsync(string[] args)
    {
        AzureStorage storage = AzureStorage.OfCommand(args, "on one machine `pnl restore` gives the store its new epoch");
        StoreIdentity identity = await new AzureTables(storage.Tables, storage.Prefix, TimeProvider.System).IdentityAsync(inNewEpoch: true);
        Console.WriteLine($"the store {identity.Id} is in epoch {identity.Epoch}");
    }
}
