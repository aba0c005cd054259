using System.IO.Compression;
using System.Text;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Files;

/// <summary>However large a file of rates is, what is read of it takes a bounded memory, and what is no such file is refused by name.</summary>
public sealed class FileBoundTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-bounds-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("A-USD.csv")]
    [InlineData("A-USD.csv.gz")]
    public void A_file_whose_decimals_only_all_its_rates_tell_is_not_held(string name)
    {
        const int Rows = 2_000_000;
        string path = Path.Combine(_folder.FullName, name);
        using (FileStream file = File.Create(path))
        using (Stream bytes = name.EndsWith("gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file)
        using (StreamWriter text = new(bytes))
        {
            text.Write("time;rate\n");
            for (int i = 1; i <= Rows; i++)
            {
                text.Write($"{300L * i};1,{i % 10}\n"); // some 30 MB
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        using RateFile rates = RateFile.Open(path);
        Assert.True(rates.TryRead(out RateRow row));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Equal((300, 1.1m), (row.TimeSeconds, row.Rate));
    }

    [Fact]
    public void A_file_of_what_is_no_rates_is_given_up()
    {
        string path = Path.Combine(_folder.FullName, "A-USD.csv");
        File.WriteAllText(path, "time,rate\n300,1\n" + string.Concat(Enumerable.Repeat("600,nothing\n", 100)));

        Assert.Equal(100, RateFileReading.Read(path, null, mostAside: 100).Aside.Count);
        Assert.Contains($"{path} has more than 99 rows that are no rates", Assert.Throws<RateFileException>(() => RateFileReading.Read(path, null, mostAside: 99)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_month_of_more_text_than_a_month_has_is_refused()
    {
        string path = Path.Combine(_folder.FullName, "BTCUSDT-5m-2021-05.zip");
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create))
        using (Stream entry = zip.CreateEntry("BTCUSDT-5m-2021-05.csv").Open())
        {
            entry.Write(new byte[(32 << 20) + 1]);
        }

        Assert.Contains($"{path} does not hold exactly one CSV file of at most", Assert.Throws<RateFileException>(() => KlineZip.Parse(Path.GetFileName(path))!.Read(path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a\nb\r\nc\rd\n\n\r\n\re")]
    [InlineData("a\n")]
    [InlineData("\r")]
    public void Lines_are_those_of_the_text_wherever_its_parts_end(string text)
    {
        foreach (string longer in new[] { text, text.Replace("b", new string('b', 200_000), StringComparison.Ordinal), new string('x', (1 << 16) - 1) + "\r\n" + text })
        {
            List<string> expected = [];
            using StringReader plain = new(longer);
            while (plain.ReadLine() is { } line)
            {
                expected.Add(line);
            }

            List<string> lines = [];
            using StringReader reader = new(longer);
            TextLines read = new(reader, "it");
            while (read.MoveNext())
            {
                lines.Add(read.Current.ToString());
            }

            Assert.Equal(expected, lines);
        }
    }

    [Fact]
    public void A_line_without_end_is_refused_and_not_held()
    {
        string path = Path.Combine(_folder.FullName, "A-USD.csv.gz");
        using (GZipStream bytes = new(File.Create(path), CompressionLevel.Fastest))
        {
            bytes.Write(Encoding.UTF8.GetBytes("time;rate\n300;"));
            byte[] digits = Encoding.UTF8.GetBytes(new string('1', 1 << 20));
            for (int i = 0; i < 200; i++)
            {
                bytes.Write(digits);
            }
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains($"{path} has a line of more than 16 million characters", Assert.Throws<RateFileException>(() => RateFile.Open(path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 160 << 20);
    }
}
