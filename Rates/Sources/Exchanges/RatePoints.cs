using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Makes candles of points <c>[ms, rate]</c> that lie anywhere in time. The last point at or before the close of a slot,
/// and after its opening, is the slot's rate; nothing is interpolated, and a slot without a point has no candle. Points
/// know no volume, so it is 0.
/// </summary>
internal static class RatePoints
{
    /// <summary>Reads the points of a JSON array.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="asked">The slots that were asked for, all closed.</param>
    /// <param name="path">Where in the body the array is.</param>
    /// <exception cref="JsonException">There is no array of points there.</exception>
    public static CandlePage OfJson(ReadOnlyMemory<byte> body, SlotRange asked, params ReadOnlySpan<string> path)
    {
        Utf8JsonReader reader = JsonPath.To(body.Span, path);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"An array of points was expected, there is {reader.TokenType}.");
        }

        List<(long Milliseconds, decimal Rate, string Row)> points = [];
        List<QuarantinedRow> quarantined = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            BarDefect defect = Read(ref reader, out long? time, out decimal rate);
            if (time is { } known && (SlotOf(known) < asked.From || SlotOf(known) >= asked.To))
            {
                continue;
            }

            string row = Encoding.UTF8.GetString(body.Span[start..(int)reader.BytesConsumed]);
            if (defect == BarDefect.None)
            {
                points.Add((time!.Value, rate, row));
            }
            else
            {
                quarantined.Add(new(time / 1000, defect.Code(), row));
            }
        }

        return new(Candles(points, quarantined), asked, quarantined);
    }

    private static int SlotOf(long milliseconds) =>
        // A point on the very close belongs to the slot that closes: its rate is known then.
        BarTime.SlotAtSeconds(Math.DivRem(milliseconds - 1, 1000).Quotient);

    private static BarDefect Read(ref Utf8JsonReader reader, out long? time, out decimal rate)
    {
        time = null;
        rate = 0m;
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return BarDefect.RowMalformed;
        }

        BarDefect defect = BarDefect.None;
        int place = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            ReadOnlySpan<byte> text = reader.TokenType is JsonTokenType.Number or JsonTokenType.String ? reader.ValueSpan : default;
            if (place == 0)
            {
                const long Latest = 253_402_300_799_000;
                bool number = Utf8Parser.TryParse(text, out long milliseconds, out int read) && read == text.Length;
                time = number && milliseconds is > 0 and < Latest ? milliseconds : null;
                defect = time is not null ? defect : number ? BarDefect.TimeOutOfRange : BarDefect.TimeMalformed;
            }
            else if (place == 1 && defect == BarDefect.None)
            {
                defect = RateText.ParseRounded(Encoding.UTF8.GetString(text), out rate, out _);
            }

            place++;
            reader.Skip();
        }

        return place < 2 ? BarDefect.RowMalformed : defect;
    }

    private static List<Candle> Candles(
        List<(long Milliseconds, decimal Rate, string Row)> points, List<QuarantinedRow> quarantined)
    {
        // Stable, so that what is equal in time stays in the order of the source.
        List<(long Milliseconds, decimal Rate, string Row)> ordered = [.. points.OrderBy(p => p.Milliseconds)];
        List<Candle> candles = [];
        for (int i = 0, next; i < ordered.Count; i = next)
        {
            (long milliseconds, decimal rate, _) = ordered[i];
            bool differ = false;
            for (next = i + 1; next < ordered.Count && ordered[next].Milliseconds == milliseconds; next++)
            {
                differ |= ordered[next].Rate != rate;
            }

            if (differ)
            {
                quarantined.AddRange(ordered[i..next].Select(p => new QuarantinedRow(milliseconds / 1000, "time.repeated", p.Row)));
                continue;
            }

            int slot = SlotOf(milliseconds);
            if (candles.Count > 0 && candles[^1].Slot == slot)
            {
                Candle so = candles[^1];
                candles[^1] = so with { High = Math.Max(so.High, rate), Low = Math.Min(so.Low, rate), Close = rate };
            }
            else
            {
                candles.Add(new(slot, rate, rate, rate, rate, 0m));
            }
        }

        return candles;
    }
}
