using Pnl.Gateway;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Backups of the data folder.</summary>
internal sealed class LocalBackup(StoreBackup backup) : IBackupSource
{
    public IDisposable? TryBegin() => backup.TryBegin();

    public Task WriteAsync(Stream to, CancellationToken cancellation) => backup.WriteAsync(to, cancellation);
}
