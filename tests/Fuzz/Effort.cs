using System.Diagnostics;
using System.Globalization;

[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Pnl.Tests.Fuzz;

/// <summary>
/// How long is tried, from where on, and what is kept of a failure. Input <c>i</c> of a target follows from the seed and
/// <c>i</c> alone, so that one of them can be had again by itself.
/// </summary>
internal static class Effort
{
    /// <summary>Seconds in all, of which one part is for the readers and one for the calls: <c>Pnl__Fuzz__Seconds</c>.</summary>
    public static int Seconds { get; } = Number("Pnl__Fuzz__Seconds") ?? 8;

    /// <summary>What everything follows from: <c>Pnl__Fuzz__Seed</c>.</summary>
    public static int Seed { get; } = Number("Pnl__Fuzz__Seed") ?? 1;

    /// <summary>The one input to try; null for all: <c>Pnl__Fuzz__Input</c>.</summary>
    public static int? Only { get; } = Number("Pnl__Fuzz__Input");

    /// <summary>The numbers of the inputs to try, until the time is over; so many at least, however slow the machine is.</summary>
    public static IEnumerable<int> Inputs(double seconds, int least = 100)
    {
        if (Only is { } only)
        {
            yield return only;
            yield break;
        }

        long began = Stopwatch.GetTimestamp();
        for (int i = 0; i < least || Stopwatch.GetElapsedTime(began).TotalSeconds < seconds; i++)
        {
            yield return i;
        }
    }

    public static Random Random(string target, int input) =>
        new(unchecked((int)System.IO.Hashing.XxHash32.HashToUInt32(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Seed} {target} {input}")))));

    /// <summary>Keeps an input until it is known not to fail, and says how to have it again.</summary>
    public static (string Path, string Told) Keep(string target, int input, string extension, byte[] bytes)
    {
        string folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "failing-inputs")).FullName;
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{target.Replace('/', '_')}-{Seed}-{input}{extension}"));
        File.WriteAllBytes(path, bytes);
        return (path, $"{target}: seed {Seed}, input {input}, kept as {path}; again by Pnl__Fuzz__Seed={Seed} Pnl__Fuzz__Input={input}");
    }

    private static int? Number(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
