using System.IO.Enumeration;
using System.Runtime.InteropServices;

namespace Pnl.Gateway;

/// <summary>
/// How many descriptors the system still lets the process have: each connection is one, and so are files, pipes and sockets of its own. Both
/// numbers are asked for again and again, since the limit may be lowered from outside. Told on Linux alone.
/// </summary>
internal sealed class DescriptorReserve(TimeProvider time, Func<long?> limit, Func<long?> open)
{
    /// <summary>Descriptors that no client's connection takes: the process opens files with them, and answers whom it has let in.</summary>
    public const int Reserve = 32;

    private static readonly TimeSpan KnownFor = TimeSpan.FromMilliseconds(250), KnownForWhenFew = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private long? _counted;
    private long _countedAt, _taken;

    /// <summary>That of this process.</summary>
    public static DescriptorReserve OfProcess(TimeProvider time) => new(time, Limit, Open);

    /// <summary>
    /// How many are left; null where that is not told. Those that are open were counted within a quarter of a second, or, when few are left, within
    /// ten milliseconds; what was told to be taken since is counted.
    /// </summary>
    public long? Left()
    {
        if (limit() is not { } most)
        {
            return null;
        }

        lock (_lock)
        {
            bool areFew = most - _counted - _taken < 2 * Reserve;
            if (_counted is null || time.GetElapsedTime(_countedAt) >= (areFew ? KnownForWhenFew : KnownFor))
            {
                (_counted, _countedAt, _taken) = (open() ?? most, time.GetTimestamp(), 0); // if they cannot be counted, none is left for that
            }

            return Math.Max(0, most - _counted.Value - _taken);
        }
    }

    /// <summary>Says that one more is taken.</summary>
    public void Taken()
    {
        lock (_lock)
        {
            _taken++;
        }
    }

    private static long? Limit()
    {
        const int openFiles = 7; // of Linux
        ulong[] limits = new ulong[2];
        return OperatingSystem.IsLinux() && GetLimit(openFiles, limits) == 0 ? (long)Math.Min(limits[0], int.MaxValue) : null;
    }

    private static long? Open()
    {
        try
        {
            return new FileSystemEnumerable<bool>("/proc/self/fd", (ref _) => true).LongCount() - 1; // without the folder's own
        }
        catch (IOException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetLimit(int resource, [Out] ulong[] limits);
}
