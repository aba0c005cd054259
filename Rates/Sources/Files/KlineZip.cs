using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text.RegularExpressions;
using Pnl.Rates.Exchanges;

namespace Pnl.Rates;

/// <summary>
/// A month or a day of candles as Binance publishes it: <c>BTCUSDT-5m-2021-05.zip</c> or <c>BTCUSDT-5m-2021-05-19.zip</c> with
/// one CSV file of 12 columns and, for spot, no header. Open times are milliseconds, from 2025 on microseconds.
/// </summary>
/// <param name="Symbol">The pair as Binance writes it, such as <c>BTCUSDT</c>.</param>
/// <param name="Base">The token in upper case.</param>
/// <param name="Quote">The currency in upper case.</param>
/// <param name="Month">The month, counted since January 1970.</param>
/// <param name="Day">The day of the month, from 1; null for the whole month.</param>
/// <param name="Seconds">The length of its candles.</param>
internal sealed partial record KlineZip(string Symbol, string Base, string Quote, int Month, int? Day = null, int Seconds = BarTime.SecondsPerBar)
{
    private const long MaxCsvBytes = 256L << 20, MaxMonthBytes = 32L << 20, MostExpansion = 1032; // deflate's
    private const long FirstMicrosecond = 100_000_000_000_000; // as milliseconds it would lie after the year 5138

    /// <summary>Currencies of Binance's pairs, the longer names first: TUSDUSDT is in USDT. Its names do not divide themselves.</summary>
    private static readonly string[] Quotes =
    [
        "FDUSD", "USDT", "USDC", "BUSD", "TUSD", "USDP", "USDS", "USD1", "BIDR", "BKRW", "IDRT", "BVND", "EURI", "DOGE",
        "BTC", "ETH", "BNB", "XRP", "TRX", "DOT", "SOL", "DAI", "PAX", "VAI", "UST", "EUR", "GBP", "AUD", "TRY", "BRL",
        "RUB", "UAH", "NGN", "ZAR", "PLN", "RON", "ARS", "JPY", "MXN", "CZK", "COP", "IDR",
    ];

    private static readonly CandleColumns Milliseconds = new(Time: 0, Open: 1, High: 2, Low: 3, Close: 4, Volume: 5, TicksASecond: 1000) { FoldsOffGrid = true };
    private static readonly CandleColumns Microseconds = Milliseconds with { TicksASecond = 1_000_000 };

    /// <summary>The slots of its month or day.</summary>
    public SlotRange Slots => Day is { } day
        ? new(BarTime.FirstSlotOfMonth(Month) + (day - 1) * BarTime.BarsPerDay, BarTime.FirstSlotOfMonth(Month) + day * BarTime.BarsPerDay)
        : new(BarTime.FirstSlotOfMonth(Month), BarTime.FirstSlotOfMonth(Month + 1));

    /// <summary>Reads a file name; null if it is no name of such a file, or of a pair in an unknown currency.</summary>
    public static KlineZip? Parse(string fileName)
    {
        if (Name().Match(fileName) is not { Success: true } match)
        {
            return null;
        }

        string symbol = match.Groups["symbol"].Value;
        int year = int.Parse(match.Groups["year"].ValueSpan, CultureInfo.InvariantCulture);
        int month = int.Parse(match.Groups["month"].ValueSpan, CultureInfo.InvariantCulture);
        int? day = match.Groups["day"] is { Success: true } d ? int.Parse(d.ValueSpan, CultureInfo.InvariantCulture) : null;
        string? quote = Quotes.FirstOrDefault(q => symbol.Length > q.Length && symbol.EndsWith(q, StringComparison.Ordinal));
        return quote is null || year < 1970 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || !CandleLength.TryParse(match.Groups["length"].ValueSpan, out int seconds)
            ? null
            : new(symbol, symbol[..^quote.Length], quote, (year - 1970) * 12 + month - 1, day, seconds);
    }

    /// <summary>Reads the candles.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The page of the whole month or day. Rows of other time than the name says are kept aside, all as one.</returns>
    /// <exception cref="RateFileException">The file is no such ZIP, is damaged, or was cut off.</exception>
    public CandlePage Read(string path)
    {
        byte[] csv = Csv(path, MaxMonthBytes); // of 8,928 candles
        CandleRows? rows = null;
        for (int start = 0, next; start < csv.Length; start = next)
        {
            int end = csv.AsSpan(start).IndexOf((byte)'\n');
            next = end < 0 ? csv.Length : start + end + 1;
            ReadOnlySpan<byte> line = csv.AsSpan(start..next).TrimEnd("\r\n"u8);
            if (line.IsEmpty || (start == 0 && line[0] is (byte)'o'))
            {
                continue; // blank, or the header "open_time,..." that futures have
            }

            rows ??= new(csv, IsMicroseconds(line) ? Microseconds : Milliseconds, Slots);
            rows.AddLine(start, line.Length);
        }

        if (rows is null)
        {
            return new([], Slots, []);
        }

        CandlePage page = rows.ToPage(Slots);
        return rows.First >= Slots.From && rows.Last < Slots.To || rows.First is null ? page
            : page with { Quarantined = [.. page.Quarantined, new(null, "time.notOfFile", $"rows from {BarTime.Open(rows.First.Value):u} to {BarTime.Open(rows.Last!.Value):u} in {System.IO.Path.GetFileName(path)}")] };
    }

    [GeneratedRegex(@"^(?<symbol>[A-Z0-9]+)-(?<length>\d{1,2}[smhdw])-(?<year>\d{4})-(?<month>\d{2})(-(?<day>\d{2}))?\.zip$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    private static bool IsMicroseconds(ReadOnlySpan<byte> line)
    {
        int comma = line.IndexOf((byte)',');
        return comma > 0 && long.TryParse(line[..comma], NumberStyles.None, CultureInfo.InvariantCulture, out long time)
            && time >= FirstMicrosecond;
    }

    /// <summary>The text of its one file.</summary>
    /// <param name="path">The ZIP.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="RateFileException">The file is no such ZIP, is damaged, or was cut off.</exception>
    public static byte[] Csv(string path, long most = MaxCsvBytes)
    {
        try
        {
            using ZipArchive zip = ZipFile.OpenRead(path);
            if (zip.Entries is not [var entry] || entry.Length > most)
            {
                throw new RateFileException($"{path} does not hold exactly one CSV file of at most {most} bytes.");
            }

            if (entry.Length > entry.CompressedLength * MostExpansion + 64)
            {
                throw new RateFileException($"{path} is damaged: {entry.CompressedLength} bytes cannot be {entry.Length}.");
            }

            using Stream stream = entry.Open();
            byte[] csv = new byte[entry.Length];
            stream.ReadExactly(csv);

            // Half a rate is a rate too: what was damaged on the way must not be read.
            return Crc32.HashToUInt32(csv) == entry.Crc32
                ? csv
                : throw new RateFileException($"{path} is damaged: its checksum is another.");
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new RateFileException($"{path} is no ZIP file, is damaged, or was cut off: {e.Message}", e);
        }
    }
}
