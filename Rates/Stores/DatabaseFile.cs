using System.Runtime.InteropServices;

namespace Pnl.Rates;

/// <summary>
/// A file that is open, and whether its path still leads to it: by device and inode, and no shorter than it was. What is
/// written into a file that was unlinked, replaced or cut short is lost with it, and the system says nothing. Where it does
/// not tell inodes, that the file is there has to do. One call of the system a look.
/// </summary>
internal sealed class DatabaseFile
{
    private readonly string _path;
    private readonly (ulong Device, ulong Inode) _identity;
    private readonly bool _mayShrink;
    private long _length;

    /// <param name="path">The file, open and there.</param>
    /// <param name="mayShrink">Whether whoever has it open may cut it short.</param>
    public DatabaseFile(string path, bool mayShrink)
    {
        (_path, _mayShrink) = (path, mayShrink);
        if (Look() is { } found)
        {
            (_identity, _length) = ((found.Device, found.Inode), found.Length);
        }
    }

    /// <summary>What has become of it.</summary>
    public FileFate Fate()
    {
        if (Look() is not { } found)
        {
            return FileFate.Removed;
        }

        if ((found.Device, found.Inode) != _identity)
        {
            return FileFate.Replaced;
        }

        long known = Interlocked.Read(ref _length);
        if (_mayShrink ? found.Length == 0 && known > 0 : found.Length < known)
        {
            return FileFate.CutShort;
        }

        Interlocked.Exchange(ref _length, found.Length);
        return FileFate.Same;
    }

    private (ulong Device, ulong Inode, long Length)? Look()
    {
        if (OperatingSystem.IsLinux())
        {
            const int currentFolder = -100, basic = 0x7ff; // of the kernel's own layout, which is the same on all machines
            byte[] found = new byte[256];
            return Statx(currentFolder, _path, 0, basic, found) != 0 ? null : (
                BitConverter.ToUInt64(found, 136), BitConverter.ToUInt64(found, 32), BitConverter.ToInt64(found, 40));
        }

        FileInfo file = new(_path);
        return file.Exists ? (0, 0, file.Length) : null;
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] found);
}

/// <summary>What has become of a file that is open.</summary>
internal enum FileFate
{
    /// <summary>It is where it was.</summary>
    Same,

    /// <summary>Nothing is at its path.</summary>
    Removed,

    /// <summary>Another file is at its path.</summary>
    Replaced,

    /// <summary>It lost bytes that it had.</summary>
    CutShort,
}
