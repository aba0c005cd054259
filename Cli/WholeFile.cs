namespace Pnl.Cli;

/// <summary>
/// A file that is there whole or not at all: it is written beside, under another name, and takes its place when it is done. What stood there
/// before is still there when something goes wrong midway.
/// </summary>
internal static class WholeFile
{
    /// <summary>Writes a file.</summary>
    /// <typeparam name="T">What the writing tells.</typeparam>
    /// <param name="path">The file; if it is a link, what that leads to.</param>
    /// <param name="write">Writes it.</param>
    public static async Task<T> WriteAsync<T>(string path, Func<TextWriter, Task<T>> write)
    {
        string target = Path.GetFullPath(path);
        target = File.Exists(target) ? File.ResolveLinkTarget(target, returnFinalTarget: true)?.FullName ?? target : target;
        if (IsDevice(target))
        {
            await using StreamWriter device = new(target);
            return await write(device);
        }

        string beside = $"{target}.{Guid.NewGuid():n}.part";
        try
        {
            T told;
            await using (FileStream file = new(beside, FileMode.CreateNew, FileAccess.Write))
            {
                await using (StreamWriter text = new(file, leaveOpen: true))
                {
                    told = await write(text);
                }

                file.Flush(flushToDisk: true);
            }

            if (!OperatingSystem.IsWindows() && File.Exists(target))
            {
                File.SetUnixFileMode(beside, File.GetUnixFileMode(target)); // who may read it stays as it was
            }

            File.Move(beside, target, overwrite: true);
            return told;
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    // Such as /dev/stdout, which nothing may take the place of.
    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
}
