using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pnl;

/// <summary>
/// Bars of many tokens in one event of a hub, at one or more boundaries: JSON of columns, as docs/event-format.md has it
/// for producers in any language. What cannot be read of an event is named, and the rest is taken.
/// </summary>
/// <param name="Tokens">Ids of the tokens, a bar each.</param>
/// <param name="Times">Open times in Unix seconds.</param>
/// <param name="Rates">Rates.</param>
/// <param name="CoveredFrom">
/// If given: by bar, the open time in Unix seconds from which on the source was read to the end, up to the bar.
/// </param>
/// <param name="Defects">What could not be read.</param>
public sealed record BarsEvent(string[] Tokens, long[] Times, decimal[] Rates, long[]? CoveredFrom, IReadOnlyList<EventDefect> Defects)
{
    /// <summary>The version of the format.</summary>
    public const int Version = 1;

    /// <summary>The most bytes of a body: with its properties an event then fits in what Event Hubs takes, 1 MiB.</summary>
    public const int MostBytes = 1_000_000;

    /// <summary>The most bars of an event.</summary>
    public const int MostBars = 10_000;

    private const int MostShown = 100;

    /// <summary>Writes bars as the body of an event.</summary>
    /// <param name="tokens">Ids of the tokens, a bar each.</param>
    /// <param name="times">Open times in Unix seconds.</param>
    /// <param name="rates">Rates.</param>
    /// <param name="coveredFrom">See <see cref="CoveredFrom"/>; null if it is not said.</param>
    /// <exception cref="ArgumentException">They are more than an event may have.</exception>
    public static byte[] Write(ReadOnlySpan<string> tokens, ReadOnlySpan<long> times, ReadOnlySpan<decimal> rates, long[]? coveredFrom = null)
    {
        ArrayBufferWriter<byte> body = new(64 + 64 * tokens.Length);
        using (Utf8JsonWriter json = new(body))
        {
            json.WriteStartObject();
            json.WriteNumber("version"u8, Version);
            json.WriteStartArray("token"u8);
            foreach (string token in tokens)
            {
                json.WriteStringValue(token);
            }

            json.WriteEndArray();
            Column(json, "time"u8, times);
            json.WriteStartArray("rate"u8);
            foreach (decimal rate in rates)
            {
                json.WriteNumberValue(rate);
            }

            json.WriteEndArray();
            if (coveredFrom is not null)
            {
                Column(json, "coveredFrom"u8, coveredFrom);
            }

            json.WriteEndObject();
        }

        return tokens.Length <= MostBars && body.WrittenCount <= MostBytes ? body.WrittenSpan.ToArray()
            : throw new ArgumentException($"an event has {MostBars} bars and {MostBytes} bytes at most; these are {tokens.Length} and {body.WrittenCount}", nameof(tokens));
    }

    /// <summary>Reads the body of an event, of whatever kind it is: this never throws.</summary>
    public static BarsEvent Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > MostBytes)
        {
            return Bad("event.tooLarge", $"an event has {MostBytes} bytes at most");
        }

        try
        {
            return Parse(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Bad("event.malformed", e.Message);
        }
    }

    private static BarsEvent Parse(ReadOnlySpan<byte> body)
    {
        int? version = null;
        List<string?>? tokens = null;
        List<(long Time, BarDefect Defect)>? times = null, covered = null;
        List<(decimal Rate, BarDefect Defect)>? rates = null;
        Utf8JsonReader reader = new(body, new JsonReaderOptions { MaxDepth = 4 });
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An event is an object.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "version" when version is null:
                    version = reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int number) ? number : 0;
                    if (version != Version)
                    {
                        return Bad("event.version", $"the version is {Encoding.UTF8.GetString(reader.ValueSpan)}, known is {Version}");
                    }

                    break;
                case "token" when tokens is null:
                    tokens = Column(ref reader, name, Token);
                    break;
                case "time" when times is null:
                    times = Column(ref reader, name, RateJson.Time);
                    break;
                case "rate" when rates is null:
                    rates = Column(ref reader, name, RateJson.Rate);
                    break;
                case "coveredFrom" when covered is null:
                    covered = Column(ref reader, name, RateJson.Time);
                    break;
                default:
                    throw new JsonException($"An event has no property '{name}', or not twice.");
            }
        }

        reader.Read(); // throws if anything but white space follows
        if (version is null)
        {
            return Bad("event.version", "there is no version");
        }

        if (tokens is null || times is null || rates is null)
        {
            throw new JsonException($"There is no '{(tokens is null ? "token" : times is null ? "time" : "rate")}'.");
        }

        return tokens.Count > MostBars
            ? Bad("event.tooLarge", $"an event has {MostBars} bars at most, this one {tokens.Count}")
            : times.Count != tokens.Count || rates.Count != tokens.Count || (covered?.Count ?? tokens.Count) != tokens.Count
            ? Bad("columns.unequal", $"there are {tokens.Count} tokens, {times.Count} times, {rates.Count} rates{(covered is null ? "" : $" and {covered.Count} of coveredFrom")}")
            : Checked(tokens, times, rates, covered);
    }

    private static BarsEvent Checked(List<string?> tokens, List<(long Time, BarDefect Defect)> times, List<(decimal Rate, BarDefect Defect)> rates, List<(long Time, BarDefect Defect)>? covered)
    {
        List<int> good = [];
        List<EventDefect> defects = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            BarDefect defect = times[i].Defect != BarDefect.None ? times[i].Defect : rates[i].Defect != BarDefect.None ? rates[i].Defect : covered?[i].Defect ?? BarDefect.None;
            string? code = tokens[i] is null || !TokenId.IsValid(tokens[i]) ? "id.malformed" : defect == BarDefect.None ? null : defect.Code();
            if (code is null)
            {
                good.Add(i);
            }
            else
            {
                string id = tokens[i] is not { } token ? "" : token.Length > MostShown ? token[..MostShown] : token;
                defects.Add(new(id, code, string.Create(CultureInfo.InvariantCulture, $"bar {i}: token '{id}', time {times[i].Time}, rate {rates[i].Rate}")));
            }
        }

        return new(
            [.. good.Select(i => tokens[i]!)], [.. good.Select(i => times[i].Time)], [.. good.Select(i => rates[i].Rate)],
            covered is null ? null : [.. good.Select(i => covered[i].Time)], defects);
    }

    private delegate T Cell<T>(ref Utf8JsonReader reader);

    private static List<T> Column<T>(ref Utf8JsonReader reader, string name, Cell<T> cell)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"'{name}' is an array.");
        }

        List<T> column = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
            {
                throw new JsonException($"Element {column.Count} of '{name}' is no value.");
            }

            column.Add(cell(ref reader));
        }

        return column;
    }

    private static string? Token(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String ? reader.GetString() : null;

    private static void Column(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<long> values)
    {
        json.WriteStartArray(name);
        foreach (long value in values)
        {
            json.WriteNumberValue(value);
        }

        json.WriteEndArray();
    }

    private static BarsEvent Bad(string code, string detail) => new([], [], [], null, [new(null, code, detail)]);
}
