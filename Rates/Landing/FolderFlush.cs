using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pnl.Rates;

/// <summary>
/// Makes the names in folders durable: a power cut does not undo a rename then. What asks while a flush runs shares the
/// next one, in which each folder is flushed once.
/// </summary>
internal sealed class FolderFlush
{
    private readonly Lock _gate = new();
    private HashSet<string> _asked = [];
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>Completes when what these folders hold now is durable.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public Task FlushAsync(IEnumerable<string> folders)
    {
        if (OperatingSystem.IsWindows())
        {
            return Task.CompletedTask; // its journal keeps renames, and a folder cannot be flushed
        }

        lock (_gate)
        {
            _asked.UnionWith(folders);
            Task running = _running;
            return _next ??= Task.Run(() => FlushAfterAsync(running));
        }
    }

    private async Task FlushAfterAsync(Task running)
    {
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HashSet<string> folders;
        lock (_gate)
        {
            (folders, _asked) = (_asked, []);
            (_running, _next) = (_next!, null);
        }

        foreach (string folder in folders)
        {
            Flush(folder);
        }
    }

    /// <summary>Returns when what a folder holds now is durable.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET opens no folder; what is open it flushes.
        const int forReading = 0;
        using SafeFileHandle handle = new(Open(folder, forReading), ownsHandle: true);
        if (handle.IsInvalid)
        {
            throw new IOException($"{folder} cannot be opened to be flushed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }

        RandomAccess.FlushToDisk(handle);
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);
}
