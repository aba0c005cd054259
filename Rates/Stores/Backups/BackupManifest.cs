using System.Text.Json;

namespace Pnl.Rates;

/// <summary>What a backup consists of. It is written last: a folder without it is no backup.</summary>
/// <param name="Store">The store's id.</param>
/// <param name="Epoch">Its epoch when it was copied.</param>
/// <param name="At">When.</param>
/// <param name="Files">The files, <c>bars.db</c> first.</param>
public sealed record BackupManifest(string Store, string Epoch, DateTimeOffset At, IReadOnlyList<BackupFile> Files)
{
    /// <summary>The name of the file that holds it.</summary>
    public const string FileName = "backup.json";

    /// <summary>The form of a backup, which a reader must know.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Bytes of all files.</summary>
    public long Bytes() => Files.Sum(file => file.Bytes);

    /// <summary>The manifest as it is kept.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, StoredJson.Options);

    /// <summary>Reads that of a folder.</summary>
    /// <exception cref="InvalidDataException">It is no backup, or one of a later release.</exception>
    public static BackupManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new InvalidDataException($"{folder} is no backup, or one that was not finished: it has no {FileName}; name a folder that `pnl backup` made");
        }

        BackupManifest manifest = StoredJson.Read<BackupManifest>(File.ReadAllBytes(path), path);
        return manifest.Version != 1 ? throw new LaterReleaseException($"{path} was written by a later release (version {manifest.Version}, this one knows 1)")
            : manifest.Files is [{ Name: SqliteDatabase.FileName }, ..] files && files.All(file => IsWithin(file.Name)) ? manifest
            : throw new InvalidDataException($"{path} is damaged: it does not name {SqliteDatabase.FileName} first, or names a file elsewhere; take another backup");
    }

    /// <summary>Whether a name is of a file that a backup may have: <c>bars.db</c>, or one below <c>landing</c>.</summary>
    public static bool IsWithin(string name) => name == SqliteDatabase.FileName
        || (name.StartsWith(StoreBackup.Landing + "/", StringComparison.Ordinal) && !name.Contains('\\', StringComparison.Ordinal) && name.Split('/').All(part => part is not ("" or "." or "..")));
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Its path within the backup, with <c>/</c> between folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 hexadecimal digits.</param>
public sealed record BackupFile(string Name, long Bytes, string Sha256);

/// <summary>How far a backup or a restore is.</summary>
/// <param name="Done">Bytes worked on.</param>
/// <param name="Total">Of so many; some are worked on twice.</param>
/// <param name="Bytes">Bytes of the backup.</param>
public readonly record struct BackupProgress(long Done, long Total, long Bytes);
