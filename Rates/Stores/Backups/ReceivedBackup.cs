using System.Formats.Tar;
using System.Text.Json;

namespace Pnl.Rates;

/// <summary>Takes the stream of a <see cref="StoreBackup"/> into a folder, which has its name once it is whole and durable.</summary>
internal static class ReceivedBackup
{
    private const string Unfinished = ".partial";

    /// <summary>Checks, before anything is asked for, that the folder may be made.</summary>
    /// <exception cref="IOException">It is there already, or one that was not finished is.</exception>
    public static void CheckFree(string folder)
    {
        string partial = PartialOf(folder);
        foreach (string taken in new[] { folder, partial })
        {
            if (Path.Exists(taken) && !(Directory.Exists(taken) && !Directory.EnumerateFileSystemEntries(taken).Any()))
            {
                throw new IOException(taken == partial ? $"{partial} is there, of a backup that was ended: delete it" : $"{folder} is there already, and not empty: name another folder");
            }
        }
    }

    /// <summary>Takes it.</summary>
    /// <returns>What has come.</returns>
    /// <exception cref="IOException">The stream broke off, or the folder cannot be written; nothing of it is left.</exception>
    /// <exception cref="InvalidDataException">What came is not what was sent.</exception>
    public static async Task<BackupManifest> TakeAsync(Stream tar, string folder, IProgress<BackupProgress> progress, CancellationToken cancellation)
    {
        string partial = PartialOf(folder);
        CreatePrivate(partial);
        try
        {
            BackupManifest manifest = await ReadAsync(tar, partial, progress, cancellation);
            foreach (string below in Directory.EnumerateDirectories(partial, "*", SearchOption.AllDirectories).Append(partial))
            {
                FolderFlush.Flush(below);
            }

            if (Directory.Exists(folder))
            {
                Directory.Delete(folder); // an empty one
            }

            Directory.Move(partial, folder);
            FolderFlush.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
            return manifest;
        }
        catch
        {
            Directory.Delete(partial, recursive: true);
            throw;
        }
    }

    /// <summary>Makes a folder that only its owner enters: ledgers and the hashes of keys lie in it.</summary>
    internal static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static async Task<BackupManifest> ReadAsync(Stream tar, string partial, IProgress<BackupProgress> progress, CancellationToken cancellation)
    {
        await using TarReader reader = new(tar, leaveOpen: true);
        List<BackupFile> came = [];
        bool hasRoom = false;
        while (await reader.GetNextEntryAsync(copyData: false, cancellation) is { } entry)
        {
            Stream data = entry.DataStream ?? Stream.Null;
            if (entry.Name == StoreBackup.Progress)
            {
                BackupProgress told = await JsonSerializer.DeserializeAsync<BackupProgress>(data, StoredJson.Options, cancellation);
                progress.Report(told);
                if (!hasRoom)
                {
                    StoreBackup.CheckSpace(Path.Combine(partial, SqliteDatabase.FileName), told.Bytes);
                    hasRoom = true;
                }
            }
            else if (entry.Name == BackupManifest.FileName)
            {
                await WriteAsync(data, Path.Combine(partial, BackupManifest.FileName), null, cancellation);
                BackupManifest manifest = BackupManifest.Read(partial);
                return manifest.Files.SequenceEqual(came) ? manifest : throw new InvalidDataException("what came is not what the server sent: ask for another backup");
            }
            else if (BackupManifest.IsWithin(entry.Name))
            {
                string path = Path.Combine(partial, entry.Name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                came.Add(new(entry.Name, entry.Length, await WriteAsync(data, path, null, cancellation)));
            }
            else
            {
                throw new InvalidDataException($"the server sent a file '{entry.Name}', which no backup has");
            }
        }

        throw new EndOfStreamException("the server's answer ended before the backup did");
    }

    /// <summary>Writes a new file, durably.</summary>
    /// <param name="data">What is written, to its end.</param>
    /// <param name="path">The file.</param>
    /// <param name="wrote">Told after each piece how many bytes are written.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The SHA-256 of what was written, 64 hexadecimal digits.</returns>
    internal static async Task<string> WriteAsync(Stream data, string path, Action<long>? wrote, CancellationToken cancellation)
    {
        await using HashedStream hashed = new(data);
        await using FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        byte[] piece = new byte[1 << 20];
        long bytes = 0;
        for (int read; (read = await hashed.ReadAsync(piece, cancellation)) > 0;)
        {
            await file.WriteAsync(piece.AsMemory(0, read), cancellation);
            wrote?.Invoke(bytes += read);
        }

        file.Flush(flushToDisk: true);
        return hashed.Sha256();
    }

    private static string PartialOf(string folder) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Unfinished;
}
