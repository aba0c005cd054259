using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// The bars of a request, <c>{"time":[…],"rate":[…]}</c> or <c>text/csv</c>. A body that is malformed as a whole throws;
/// a row that is malformed is put aside with the reason, and the others are kept.
/// </summary>
internal sealed class RateBody
{
    private readonly List<long> _times = [];
    private readonly List<decimal> _rates = [];
    private readonly List<int> _indices = []; // of the good rows in the body
    private readonly HashSet<int> _rounded = []; // of those, by their place in the batch
    private readonly Interval _interval;

    private RateBody(Interval interval) => _interval = interval;

    /// <summary>Rows that could not be read.</summary>
    public List<RejectedBar> Rejected { get; } = [];

    /// <summary>The currency that the column of rates names, in lower case; null if it names none.</summary>
    public string? Currency { get; private set; }

    /// <summary>Reads the rows of an interval: where that is 1d, a date without a time will do.</summary>
    public static async Task<RateBody> ReadAsync(HttpRequest request, Interval interval, CancellationToken cancellation)
    {
        string type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        return type switch
        {
            "text/csv" => await ReadCsvAsync(request, interval, cancellation),
            "application/json" => await ReadJsonAsync(request, interval, cancellation),
            _ => throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"Rates cannot be read from '{request.ContentType}'.", "Content-Type", "application/json or text/csv"),
        };
    }

    /// <summary>The good rows.</summary>
    public BarBatch Batch(DateTimeOffset? coveredFrom, DateTimeOffset? coveredTo) => new()
    {
        Time = _times.ToArray(),
        Rate = _rates.ToArray(),
        Interval = _interval,
        CoveredFrom = coveredFrom?.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds(), // a second that is cut is not covered
        CoveredTo = coveredTo?.ToUnixTimeSeconds(),
    };

    /// <summary>All rejected rows, by their place in the body.</summary>
    public RejectedBar[] AllRejected(IReadOnlyList<RejectedBar> ofBatch) =>
        [.. Rejected.Concat(ofBatch.Select(bar => bar with { Index = _indices[bar.Index] })).OrderBy(bar => bar.Index)];

    /// <summary>How many rows that were taken had been rounded.</summary>
    public int Rounded(IReadOnlyList<RejectedBar> ofBatch) => _rounded.Count - ofBatch.Count(bar => _rounded.Contains(bar.Index));

    private static async Task<RateBody> ReadCsvAsync(HttpRequest request, Interval interval, CancellationToken cancellation)
    {
        byte[] bytes = await ReadWholeAsync(request, cancellation);
        RateBody body = new(interval);
        try
        {
            using RateCsv rows = new(new StreamReader(new MemoryStream(bytes), Encoding.UTF8), "The body");
            body.Currency = rows.Currency;
            for (int i = 0; rows.TryRead(out RateRow row); i++)
            {
                body.Take(i, row.TimeSeconds == 0 ? null : row.TimeSeconds, row.Defect, row.RateDefect, row.Rate, row.IsRounded);
            }
        }
        catch (RateFileException e)
        {
            throw ApiException.BadRequest("csv.malformed", e.Message, "body", "a header such as time,rate and rows such as 1621427700,0.0000123");
        }

        return body;
    }

    private static async Task<RateBody> ReadJsonAsync(HttpRequest request, Interval interval, CancellationToken cancellation)
    {
        byte[] bytes = await ReadWholeAsync(request, cancellation);
        RateBody body = new(interval);
        try
        {
            body.ReadJson(bytes);
        }
        catch (InvalidOperationException)
        {
            throw Malformed("text that is no UTF-8, or half of a character,", "body"); // which the reader of JSON looks at when it is asked for
        }

        return body;
    }

    private void ReadJson(ReadOnlySpan<byte> bytes)
    {
        List<(long Time, BarDefect Defect)>? times = null;
        List<(decimal Rate, bool IsRounded, BarDefect Defect)>? rates = null;
        Utf8JsonReader reader = new(bytes, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Malformed("the body", "body");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "time" when times is null:
                    times = Column<(long, BarDefect)>(ref reader, name, RateJson.Time);
                    break;
                case "rate" when rates is null:
                    rates = Column<(decimal, bool, BarDefect)>(ref reader, name, RateJson.RoundedRate);
                    break;
                default:
                    throw Malformed($"the property '{name}'", name);
            }
        }

        if (reader.Read()) // throws if something other than white space follows
        {
            throw Malformed("what follows", "body");
        }

        if (times is null || rates is null)
        {
            throw Malformed(times is null ? "a body without 'time'" : "a body without 'rate'", times is null ? "time" : "rate");
        }

        if (times.Count != rates.Count)
        {
            throw ApiException.BadRequest(
                "columns.unequal", $"There are {times.Count} times and {rates.Count} rates.", times.Count > rates.Count ? "rate" : "time", "columns of equal length");
        }

        for (int i = 0; i < times.Count; i++)
        {
            (long time, BarDefect defect) = times[i];
            Take(i, defect is BarDefect.TimeMalformed or BarDefect.TimeOutOfRange ? null : time, defect == BarDefect.None ? rates[i].Defect : defect, rates[i].Defect, rates[i].Rate, rates[i].IsRounded);
        }
    }

    private delegate T Cell<T>(ref Utf8JsonReader reader);

    private static List<T> Column<T>(ref Utf8JsonReader reader, string name, Cell<T> cell)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Malformed($"'{name}'", name);
        }

        List<T> column = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw Malformed($"element {column.Count} of '{name}'", name);
            }

            if (column.Count == BarBatch.MaxLength)
            {
                throw ApiException.BodyTooLarge();
            }

            column.Add(cell(ref reader));
        }

        return column;
    }

    private static async Task<byte[]> ReadWholeAsync(HttpRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            ReadResult read = await request.BodyReader.ReadAsync(cancellation);
            if (read.IsCompleted)
            {
                byte[] bytes = read.Buffer.ToArray();
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Takes a row, or puts it aside. A date is the opening of its day where the rows are days.</summary>
    private void Take(int index, long? time, BarDefect defect, BarDefect rateDefect, decimal rate, bool isRounded)
    {
        defect = defect == BarDefect.TimeIsDate && _interval == Interval.Day ? rateDefect : defect;
        if (defect != BarDefect.None)
        {
            Reject(index, time, defect);
            return;
        }

        CheckCount(index);
        if (isRounded)
        {
            _rounded.Add(_times.Count);
        }

        _indices.Add(index);
        _times.Add(time ?? 0); // the epoch is a time
        _rates.Add(rate);
    }

    private void Reject(int index, long? time, BarDefect defect)
    {
        CheckCount(index);
        Rejected.Add(new(index, time, defect.Code()));
    }

    private static void CheckCount(int index)
    {
        if (index >= BarBatch.MaxLength)
        {
            throw ApiException.BodyTooLarge();
        }
    }

    private static ApiException Malformed(string what, string field) => ApiException.BadRequest(
        "json.malformed", $"{char.ToUpperInvariant(what[0])}{what[1..]} is not of the form expected.", field, """{"time":[1621427700,…],"rate":[0.0000123,…]}""");
}
