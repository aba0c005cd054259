using Pnl.Rates;

namespace Pnl.Silo;

/// <summary><c>restore</c>: what <c>pnl restore</c> does, where the tool is not, as in a container.</summary>
internal static class RestoreCommand
{
    public const string Name = "restore";
    private const string Replace = "--replace";

    public static async Task RunAsync(string[] args)
    {
        if (args is not [{ } backup, .. var rest] || backup.StartsWith('-'))
        {
            throw new InvalidDataException($"{Name} wants the folder of a backup first: {Name} <folder> [{Replace}] [--Pnl:DataDirectory=<folder>]");
        }

        PnlSettings settings = PnlSettings.Read(new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().AddCommandLine([.. rest.Where(arg => arg != Replace)]).Build());
        (StoreIdentity store, string? aside) = await StoreRestore.RunAsync(
            backup, settings.DataDirectory, rest.Contains(Replace), TimeProvider.System.GetUtcNow(), new Progress<BackupProgress>(), CancellationToken.None);
        Console.WriteLine($"restored {settings.DataDirectory}: store {store.Id}, epoch {store.Epoch}{(aside is null ? "" : $"; what was there is in {aside}")}");
    }
}
