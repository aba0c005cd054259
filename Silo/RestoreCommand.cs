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

        PnlSettings settings = PnlSettings.OfCommand([.. rest.Where(arg => arg != Replace)]);
        (StoreIdentity store, string? aside) = await StoreRestore.RunAsync(
            backup, settings.DataDirectory, rest.Contains(Replace), TimeProvider.System.GetUtcNow(), new Lines(), CancellationToken.None);
        Console.WriteLine($"restored {settings.DataDirectory}: store {store.Id}, epoch {store.Epoch}{(aside is null ? "" : $"; what was there is in {aside}")}");
    }

    // Progress<T> tells on another thread, and so out of order.
    private sealed class Lines : IProgress<BackupProgress>
    {
        private readonly ProgressLines _lines = new(TimeProvider.System, Console.WriteLine);

        public void Report(BackupProgress value) => _lines.Tell(
            value.Done < value.Bytes ? $"{value.Done >> 20} of {value.Bytes >> 20} MiB are copied" : $"all is copied, and the database is checked: {100 * (value.Done - value.Bytes) / Math.Max(1, value.Total - value.Bytes)} %");
    }
}
