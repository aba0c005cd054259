using ParquetSharp;

namespace Pnl.Rates;

/// <summary>
/// A file of one token's rates, opened by what its name ends in: <c>.csv</c>, <c>.csv.gz</c>, <c>.parquet</c> or <c>.zip</c>. The
/// rows come as they stand in the file; whatever makes the file unreadable is one <see cref="RateFileException"/> that
/// names it.
/// </summary>
public sealed class RateFile : IRateReader
{
    private const int BufferBytes = 1 << 16;
    private readonly IRateReader _rows;
    private readonly Func<double> _fraction;

    private RateFile(string path, IRateReader rows, long? rowCount, Func<double> fraction)
    {
        Path = path;
        RowCount = rowCount;
        _rows = rows;
        _fraction = fraction;
    }

    /// <summary>The path as it was given.</summary>
    public string Path { get; }

    /// <summary>How many rows the file says that it has; null where only reading can tell.</summary>
    public long? RowCount { get; }

    /// <summary>How much of the file has been read, from 0 to 1, give or take a buffer: for a progress bar.</summary>
    public double Fraction => _fraction();

    /// <summary>Lines that stand above the header of its table and are none of it.</summary>
    public int LinesAbove { get; private init; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The path of an existing file.</param>
    /// <param name="quote">
    /// The currency in which its rates should be, in lower case: of columns that name theirs the one in it is taken, and a file
    /// of others is refused. Null if nothing says which.
    /// </param>
    /// <exception cref="RateFileException">
    /// There is no such file, it is a folder, empty, of another format than its name says, or without a time or rate column.
    /// </exception>
    public static RateFile Open(string path, string? quote = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new RateFileException($"{path} is a folder, not a file.");
        }

        FileInfo file = new(path);
        if (!file.Exists)
        {
            throw new RateFileException($"{path} does not exist.");
        }

        if (file.Length == 0)
        {
            throw new RateFileException($"{path} is empty.");
        }

        RateFileFormat format = RateFileName.FormatOf(file.Name)
            ?? throw new RateFileException($"{path} ends in none of .csv, .csv.gz, .parquet and .zip.");
        try
        {
            if (format == RateFileFormat.Parquet)
            {
                RateParquet parquet = new(path, quote);
                return new RateFile(path, parquet, parquet.RowCount, () => parquet.Fraction);
            }

            byte[] unzipped = format == RateFileFormat.Zip ? KlineZip.Csv(path) : [];
            Stream stream = OpenBytes();
            RateCsv rows = new(TextOf(stream), path, quote, mayLackHeader: true, mayBeCutOff: format == RateFileFormat.Csv, again: () => TextOf(OpenBytes()));
            return new RateFile(path, rows, rowCount: null, () => stream.Length == 0 ? 1 : (double)stream.Position / stream.Length) { LinesAbove = rows.LinesAbove };

            Stream OpenBytes() => format == RateFileFormat.Zip ? new MemoryStream(unzipped, writable: false)
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);

            // A ZIP and a gzip file tell by themselves that they are whole.
            StreamReader TextOf(Stream bytes) => new(format == RateFileFormat.CsvGzip ? new WholeGzip(bytes) : bytes, bufferSize: BufferBytes);
        }
        catch (Exception e) when (Unreadable(path, e) is { } unreadable)
        {
            throw unreadable;
        }
    }

    /// <inheritdoc/>
    public bool TryRead(out RateRow row)
    {
        try
        {
            return _rows.TryRead(out row);
        }
        catch (Exception e) when (Unreadable(Path, e) is { } unreadable)
        {
            throw unreadable;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static RateFileException? Unreadable(string path, Exception e) => e switch
    {
        InvalidDataException => new($"{path} is no gzip file, is damaged, or was cut off: {e.Message}", e),
        ParquetException => new($"{path} is no Parquet file, is damaged, or was cut off: {FirstLine(e.Message)}", e),
        IOException or UnauthorizedAccessException => new($"{path} cannot be read: {e.Message}", e),
        _ => null,
    };

    private static string FirstLine(string text) => text.AsSpan().Trim().EnumerateLines() is var lines && lines.MoveNext()
        ? lines.Current.ToString()
        : text;
}
