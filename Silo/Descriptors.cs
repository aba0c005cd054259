using System.Globalization;

namespace Pnl.Silo;

/// <summary>What the system lets this process have open: each connection is one of it, and so are the files and sockets that it lives by.</summary>
internal static class Descriptors
{
    private const int ByDefault = 4096, Own = 600, Least = 16;
    private const string Limits = "/proc/self/limits", Line = "Max open files";

    /// <summary>How many connections of clients leave enough for the process itself.</summary>
    public static int Connections => Most() is { } most ? (int)Math.Clamp((most - Own) / 2, Least, ByDefault) : ByDefault;

    private static long? Most()
    {
        if (!File.Exists(Limits))
        {
            return null; // another system than Linux, with bounds of its own
        }

        string? line = File.ReadLines(Limits).FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        return line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [string soft, ..] && long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long most) ? most : null;
    }
}
