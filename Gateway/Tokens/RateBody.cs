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

    /// <summary>Rows that could not be read.</summary>
    public List<RejectedBar> Rejected { get; } = [];

    public static async Task<RateBody> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        string type = request.ContentType?.Split(';')[0].Trim().ToLowerInvariant() ?? "";
        return type switch
        {
            "text/csv" => await ReadCsvAsync(request, cancellation),
            "application/json" => await ReadJsonAsync(request, cancellation),
            _ => throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType, "contentType.unsupported", $"Rates cannot be read from '{request.ContentType}'.", "Content-Type", "application/json or text/csv"),
        };
    }

    /// <summary>The good rows.</summary>
    public BarBatch Batch(DateTimeOffset? coveredFrom, DateTimeOffset? coveredTo) => new()
    {
        Time = _times.ToArray(),
        Rate = _rates.ToArray(),
        CoveredFrom = coveredFrom?.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds(), // a second that is cut is not covered
        CoveredTo = coveredTo?.ToUnixTimeSeconds(),
    };

    /// <summary>All rejected rows, by their place in the body.</summary>
    public RejectedBar[] AllRejected(IReadOnlyList<RejectedBar> ofBatch) =>
        [.. Rejected.Concat(ofBatch.Select(bar => bar with { Index = _indices[bar.Index] })).OrderBy(bar => bar.Index)];

    private static async Task<RateBody> ReadCsvAsync(HttpRequest request, CancellationToken cancellation)
    {
        byte[] bytes = await ReadWholeAsync(request, cancellation);
        RateBody body = new();
        try
        {
            using RateCsv rows = new(new StreamReader(new MemoryStream(bytes), Encoding.UTF8), "The body");
            for (int i = 0; rows.TryRead(out RateRow row); i++)
            {
                if (row.Defect == BarDefect.None)
                {
                    body.Add(i, row.TimeSeconds, row.Rate);
                }
                else
                {
                    body.Reject(i, row.TimeSeconds == 0 ? null : row.TimeSeconds, row.Defect);
                }
            }
        }
        catch (RateFileException e)
        {
            throw ApiException.BadRequest("csv.malformed", e.Message, "body", "a header such as time,rate and rows such as 1621427700,0.0000123");
        }

        return body;
    }

    private static async Task<RateBody> ReadJsonAsync(HttpRequest request, CancellationToken cancellation)
    {
        byte[] bytes = await ReadWholeAsync(request, cancellation);
        RateBody body = new();
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
        List<(decimal Rate, BarDefect Defect)>? rates = null;
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
                    times = Column(ref reader, name, RateJson.Time);
                    break;
                case "rate" when rates is null:
                    rates = Column(ref reader, name, RateJson.Rate);
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
            BarDefect defect = times[i].Defect != BarDefect.None ? times[i].Defect : rates[i].Defect;
            if (defect == BarDefect.None)
            {
                Add(i, times[i].Time, rates[i].Rate);
            }
            else
            {
                Reject(i, times[i].Defect is BarDefect.TimeMalformed or BarDefect.TimeOutOfRange ? null : times[i].Time, defect);
            }
        }
    }

    private delegate (T Value, BarDefect Defect) Cell<T>(ref Utf8JsonReader reader);

    private static List<(T Value, BarDefect Defect)> Column<T>(ref Utf8JsonReader reader, string name, Cell<T> cell)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw Malformed($"'{name}'", name);
        }

        List<(T, BarDefect)> column = [];
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

    private void Add(int index, long time, decimal rate)
    {
        CheckCount(index);
        _indices.Add(index);
        _times.Add(time);
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
