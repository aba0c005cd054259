namespace Pnl.Gateway;

/// <summary>What can be backed up by a stream: the store of one machine. In a cluster there is none.</summary>
public interface IBackupSource
{
    /// <summary>Begins a backup, which lasts until what is returned is disposed of.</summary>
    /// <returns>Null if another is running.</returns>
    /// <exception cref="IOException">There is no room for a copy.</exception>
    IDisposable? TryBegin();

    /// <summary>Writes the backup that was begun, as a tar.</summary>
    Task WriteAsync(Stream to, CancellationToken cancellation);
}
