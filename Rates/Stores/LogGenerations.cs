using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Pnl.Rates;

/// <summary>
/// Which write-ahead log goes with which file. SQLite ties the two by nothing: it applies whatever log lies beside a file. So each
/// generation of the log, from one emptying to the next, has a random number; its first transaction writes that into the file's header
/// (<c>application_id</c>), and <c>bars.db-store</c> beside says which numbers there may be.
/// </summary>
/// <param name="Generations">The numbers that the file may have, oldest first: that of the state on which the log builds, then those of the log.</param>
/// <param name="NeedsLog">Whether the log has what the file has not.</param>
internal sealed record LogGenerations(uint[] Generations, bool NeedsLog)
{
    private const string Extension = "-store";

    /// <summary>Where it is kept.</summary>
    public static string PathOf(string database) => database + Extension;

    /// <summary>Reads it; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static LogGenerations? Read(string database)
    {
        string path = PathOf(database);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<LogGenerations>(File.ReadAllBytes(path)) is { Generations.Length: > 0 } read ? read : throw new JsonException("it names no generation") : null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}); {Adopt(database)}", e);
        }
    }

    /// <summary>Puts it in the place of the one before, durably.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string database)
    {
        string path = PathOf(database), beside = path + ".part";
        using (SafeFileHandle file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(this), 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(beside, path, overwrite: true);
        FolderFlush.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Refuses files that do not belong together, before SQLite opens them: whoever opens them applies the log.
    /// </summary>
    /// <param name="database">The file, which may not be there.</param>
    /// <returns>Whether the file stands there without what says that it is the one that was open here last.</returns>
    /// <exception cref="InvalidDataException">They do not belong together, or a file is no database.</exception>
    public static bool Check(string database)
    {
        string logPath = database + "-wal";
        LogGenerations? known = Read(database);
        using SafeFileHandle? file = File.Exists(database) ? File.OpenHandle(database) : null;
        if (file is null || RandomAccess.GetLength(file) == 0)
        {
            string state = file is null ? "is not there" : "is empty";
            return known is not null
                ? throw new InvalidDataException($"{database} {state}, but {PathOf(database)} says that there was a store; put it back with `pnl restore`, or to begin with nothing put away both and {logPath}")
                : new FileInfo(logPath) is { Exists: true, Length: > 0 }
                ? throw new InvalidDataException($"{database} {state}, but its log {logPath} is there; put the file back with `pnl restore`, or to begin with nothing put the log away")
                : false;
        }

        uint has = DatabaseHeader.Read(file, database).ApplicationId;
        LogContent log = LogContent.Read(logPath);
        if (known is null)
        {
            // Of a release before this one there are neither numbers nor this file.
            bool isEarlier = has == 0 && log.Generation is null or 0;
            return isEarlier || log.IsEmpty ? has != 0
                : throw new InvalidDataException($"whether {logPath} belongs to {database} cannot be told, since {PathOf(database)} is not there; copy it from where both came from, or put the log away to do without the changes in it");
        }

        int at = Array.LastIndexOf(known.Generations, has);
        if (at < 0)
        {
            throw new InvalidDataException($"{database} is not the file that was last open here: it is another store's, or of another time; put in a backup with `pnl restore`, or {Adopt(database)}");
        }

        if (log.IsEmpty)
        {
            return !known.NeedsLog ? false
                : throw new InvalidDataException($"{logPath} is missing or empty, but what was last written to {database} is in it; put it back, or put in a backup with `pnl restore`; or, if another program moved it into the file, {Adopt(database)}");
        }

        return log.Generation is { } last && Array.LastIndexOf(known.Generations, last) >= at ? false
            : throw new InvalidDataException($"{logPath} does not belong to {database}: it is another store's, or of another time; put in a backup with `pnl restore`, or put the log away and {Adopt(database)}");
    }

    private static string Adopt(string database) => $"to take {database} as it is, put {PathOf(database)} away";
}
