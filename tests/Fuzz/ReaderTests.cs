using System.Diagnostics;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Fuzz;

/// <summary>Whatever is in a file, its reader gives what is good of it or says what is wrong, by the one exception that it declares.</summary>
public sealed class ReaderTests
{
    // Of a machine that does nothing else a read takes milliseconds: this is a reader that never ends.
    private static readonly TimeSpan Endless = TimeSpan.FromMinutes(2);

    // A ZIP may hold 256 MiB, which is read whole; nothing else is near it.
    private const long MostAllocated = 1L << 30;

    public static TheoryData<string> Readers => [.. Reader.All.Select(reader => reader.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_reader_of_broken_bytes_throws_what_it_declares_and_nothing_else(string name)
    {
        Reader reader = Reader.All.Single(r => r.Name == name);
        using DataFolder folder = new();
        string path = Path.Combine(folder.Path, "BTC-USD" + reader.Extension);
        (int taken, int refused) = (0, 0);
        foreach (int input in Effort.Inputs(Effort.Seconds / 2.0 / Reader.All.Length))
        {
            Random random = Effort.Random(name, input);
            byte[] valid = reader.Valid(random), other = reader.Valid(random);
            byte[] bytes = random.Next(50) == 0 ? valid : reader.Mutate(random, valid, other);
            bool isValid = bytes.AsSpan().SequenceEqual(valid);
            File.WriteAllBytes(path, bytes);
            (string artifact, string kept) = Effort.Keep(name, input, reader.Extension, bytes); // before: what ends the process too is there afterwards
            (Exception? thrown, long allocated) = Run(reader, path, bytes, kept);
            Assert.True(thrown is null || (reader.Declared.Contains(thrown.GetType()) && !isValid), $"{kept}\n{thrown}");
            Assert.True(allocated < MostAllocated, $"{kept}\nallocates {allocated} bytes for {bytes.Length}");
            File.Delete(artifact);
            (taken, refused) = thrown is null ? (taken + 1, refused) : (taken, refused + 1);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {taken} taken, {refused} refused");
        Assert.True(Effort.Only is not null || (taken > 0 && (refused > 0 || reader.Declared.Length == 0)), $"{taken} taken, {refused} refused: one of both is not tried");
    }

    private static (Exception? Thrown, long Allocated) Run(Reader reader, string path, byte[] bytes, string kept)
    {
        Exception? thrown = null;
        long allocated = 0;
        Thread thread = new(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                reader.Read(path, bytes);
            }
#pragma warning disable CA1031 // Which one it is, is what is asked.
            catch (Exception e)
#pragma warning restore CA1031
            {
                thrown = e;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }, 16 << 20) { IsBackground = true };
        long began = Stopwatch.GetTimestamp();
        thread.Start();
        Assert.True(thread.Join(Endless), $"{kept}\nis still read after {Stopwatch.GetElapsedTime(began)}");
        return (thrown, allocated);
    }
}
