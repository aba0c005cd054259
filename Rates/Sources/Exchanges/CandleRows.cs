using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pnl.Rates.Exchanges;

/// <summary>
/// Makes a page of the rows of a source, whatever order they came in. A row is taken, or kept aside with its reason:
/// <list type="bullet">
/// <item>Numbers are read from the text of the body as exact decimals, never by way of a double.</item>
/// <item>A candle whose low lies above, or whose high lies below, another of its rates contradicts itself; so nothing says
/// that its close is right, and it is kept aside.</item>
/// <item>A row that repeats another of the same time digit for digit adds nothing and is read once. Of rows of the same time
/// that differ, the final one is taken: that of the largest volume, since a candle's volume only grows until it closes; of equal
/// ones the later in the order of the rows. The others are kept aside.</item>
/// <item>Rows outside the range asked for belong to other pages and are passed over, good or bad. The open last bar is
/// among them.</item>
/// </list>
/// </summary>
internal sealed class CandleRows
{
    private const int MaxShownRow = 500;
    private const int MaxNumber = 128;

    private readonly ReadOnlyMemory<byte> _body;
    private readonly CandleColumns _columns;
    private readonly SlotRange _asked;
    private readonly List<Entry> _entries = [];
    private readonly List<QuarantinedRow> _quarantined = [];
    private readonly int[] _starts = new int[CandleColumns.MaxPlaces];
    private readonly int[] _lengths = new int[CandleColumns.MaxPlaces];
    private int _places;

    /// <summary>Begins a page.</summary>
    /// <param name="body">The text that the rows lie in.</param>
    /// <param name="columns">How to read them.</param>
    /// <param name="asked">The slots that were asked for, all closed.</param>
    public CandleRows(ReadOnlyMemory<byte> body, CandleColumns columns, SlotRange asked) =>
        (_body, _columns, _asked) = (body, columns, asked);

    /// <summary>Rows seen, good or bad, within the range asked for or not.</summary>
    public int Count { get; private set; }

    /// <summary>The first slot of all rows seen whose time could be read; null if there is none.</summary>
    public int? First { get; private set; }

    /// <summary>The last slot of all rows seen whose time could be read; null if there is none.</summary>
    public int? Last { get; private set; }

    /// <summary>The first slot that the source says is still open; null if it says nothing of the kind.</summary>
    public int? FirstOpen { get; set; }

    /// <summary>Reads the rows of a JSON array.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="columns">How to read its rows.</param>
    /// <param name="asked">The slots that were asked for, all closed.</param>
    /// <param name="path">Where in the body the array is.</param>
    /// <exception cref="JsonException">There is no array there.</exception>
    public static CandleRows OfJson(
        ReadOnlyMemory<byte> body, CandleColumns columns, SlotRange asked, params ReadOnlySpan<string> path)
    {
        CandleRows rows = new(body, columns, asked);
        Utf8JsonReader reader = JsonPath.To(body.Span, path);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException($"An array of candles was expected, there is {reader.TokenType}.");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            bool readable = rows.ReadPlaces(ref reader);
            rows.Add(start, (int)reader.BytesConsumed - start, readable);
        }

        return rows;
    }

    /// <summary>Reads a line of comma separated text that lies in the body.</summary>
    public void AddLine(int start, int length)
    {
        _places = 0;
        int at = start, end = start + length;
        while (_places < CandleColumns.MaxPlaces)
        {
            int comma = _body.Span[at..end].IndexOf((byte)',');
            Place(at, comma < 0 ? end - at : comma);
            if (comma < 0)
            {
                break;
            }

            at += comma + 1;
        }

        Add(start, length, readable: true);
    }

    /// <summary>The page.</summary>
    /// <param name="covered">The slots that the rows speak of.</param>
    public CandlePage ToPage(SlotRange covered)
    {
        covered = covered.Intersect(_asked);
        if (FirstOpen is { } open)
        {
            covered = covered with { To = Math.Max(covered.From, Math.Min(covered.To, open)) };
        }

        bool newestFirst = _entries is [var begin, .., var end] && begin.Ticks > end.Ticks;
        _entries.Sort((a, b) => a.Candle.Slot != b.Candle.Slot ? a.Candle.Slot.CompareTo(b.Candle.Slot)
            : a.Ticks != b.Ticks ? a.Ticks.CompareTo(b.Ticks)
            : a.Candle.Volume != b.Candle.Volume ? a.Candle.Volume.CompareTo(b.Candle.Volume)
            : newestFirst ? b.Start.CompareTo(a.Start) : a.Start.CompareTo(b.Start));
        List<Candle> candles = new(_entries.Count);
        for (int i = 0, next; i < _entries.Count; i = next)
        {
            for (next = i + 1; next < _entries.Count && _entries[next].Candle.Slot == _entries[i].Candle.Slot; next++)
            {
            }

            Candle last = _entries[next - 1].Candle;
            candles.Add(last);
            foreach (Entry entry in _entries[i..(next - 1)])
            {
                if (entry.Candle != last)
                {
                    Quarantine(BarTime.OpenSeconds(last.Slot), "time.repeated", entry.Start, entry.Length);
                }
            }
        }

        candles.RemoveAll(c => c.Slot < covered.From || c.Slot >= covered.To);
        (long from, long to) = (BarTime.OpenSeconds(covered.From), BarTime.OpenSeconds(covered.To));
        _quarantined.RemoveAll(q => q.TimeSeconds is { } time && (time < from || time >= to));
        return new(candles, covered, [.. _quarantined]);
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, Span<char> into, out ReadOnlySpan<char> number)
    {
        number = default;
        if (text.Length > into.Length || Ascii.ToUtf16(text, into, out int count) != OperationStatus.Done)
        {
            return false;
        }

        number = into[..count];
        return true;
    }

    private static BarDefect Rate(ReadOnlySpan<byte> text, out decimal rate)
    {
        rate = 0m;
        return TryNumber(text, stackalloc char[MaxNumber], out ReadOnlySpan<char> number)
            ? RateText.ParseRounded(number, out rate, out _)
            : BarDefect.RateMalformed;
    }

    private static bool TryVolume(ReadOnlySpan<byte> text, out decimal volume)
    {
        volume = 0m;
        if (!TryNumber(text, stackalloc char[MaxNumber], out ReadOnlySpan<char> number))
        {
            return false;
        }

        // No PnL depends on a volume: one with more digits than a decimal holds is rounded, not refused.
        return RateText.Parse(number, out volume) switch
        {
            BarDefect.None or BarDefect.RateZero => true,
            BarDefect.RateTooPrecise => decimal.TryParse(
                number, NumberStyles.Float, CultureInfo.InvariantCulture, out volume),
            _ => false,
        };
    }

    private bool ReadPlaces(ref Utf8JsonReader reader)
    {
        _places = 0;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (_places < CandleColumns.MaxPlaces)
                {
                    PlaceValue(ref reader);
                }

                reader.Skip();
            }

            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject || _columns.Names is not { } names)
        {
            reader.Skip();
            return false;
        }

        Array.Clear(_lengths);
        _places = names.Count;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int place = 0;
            while (place < names.Count && !reader.ValueTextEquals(names[place]))
            {
                place++;
            }

            reader.Read();
            if (place < names.Count)
            {
                (int all, _places) = (_places, place);
                PlaceValue(ref reader);
                _places = all;
            }

            reader.Skip();
        }

        return true;
    }

    private void PlaceValue(ref Utf8JsonReader reader)
    {
        bool text = reader.TokenType == JsonTokenType.String;
        bool value = text || reader.TokenType == JsonTokenType.Number;
        Place((int)reader.TokenStartIndex + (text ? 1 : 0), value ? reader.ValueSpan.Length : 0);
    }

    private void Place(int start, int length)
    {
        _starts[_places] = start;
        _lengths[_places++] = length;
    }

    private ReadOnlySpan<byte> At(int place) => _body.Span.Slice(_starts[place], _lengths[place]);

    private void Add(int start, int length, bool readable)
    {
        Count++;
        if (!readable || _places < _columns.Needed)
        {
            Quarantine(null, BarDefect.RowMalformed.Code(), start, length);
            return;
        }

        BarDefect defect = Time(out long? seconds, out long ticks, out int slot);
        if (seconds is { } time)
        {
            int at = BarTime.SlotAtSeconds(time);
            First = Math.Min(First ?? at, at);
            Last = Math.Max(Last ?? at, at);
            if (_columns.Confirm >= 0 && At(_columns.Confirm).SequenceEqual("0"u8))
            {
                FirstOpen = Math.Min(FirstOpen ?? at, at);
                return;
            }

            if (at < _asked.From || at >= _asked.To)
            {
                return;
            }
        }

        if (defect != BarDefect.None)
        {
            Quarantine(seconds, defect.Code(), start, length);
            return;
        }

        if (Rates(slot, out Candle candle) is { } code)
        {
            Quarantine(seconds, code, start, length);
            return;
        }

        _entries.Add(new(candle, ticks, start, length));
    }

    private BarDefect Time(out long? seconds, out long ticks, out int slot)
    {
        seconds = null;
        slot = 0;
        ReadOnlySpan<byte> text = At(_columns.Time);
        if (!Utf8Parser.TryParse(text, out ticks, out int read) || read != text.Length)
        {
            return BarDefect.TimeMalformed;
        }

        (long quotient, long rest) = Math.DivRem(ticks, _columns.TicksASecond);
        BarDefect defect = OpenTime.Checked(quotient, rest == 0, out slot);
        seconds = defect == BarDefect.TimeOutOfRange ? null : quotient;
        if (defect == BarDefect.TimeUnaligned && _columns.FoldsOffGrid)
        {
            slot = BarTime.SlotAtSeconds(quotient);
            return BarDefect.None;
        }

        return defect;
    }

    private string? Rates(int slot, out Candle candle)
    {
        candle = default;
        BarDefect defect = Rate(At(_columns.Close), out decimal close);
        decimal open = 0m, high = 0m, low = 0m;
        if (defect == BarDefect.None
            && (defect = Rate(At(_columns.Open), out open)) == BarDefect.None
            && (defect = Rate(At(_columns.High), out high)) == BarDefect.None)
        {
            defect = Rate(At(_columns.Low), out low);
        }

        if (defect != BarDefect.None)
        {
            return defect.Code();
        }

        if (low > open || low > close || high < open || high < close)
        {
            return "candle.contradictory";
        }

        if (!TryVolume(At(_columns.Volume), out decimal volume))
        {
            return "volume.malformed";
        }

        candle = new(slot, open, high, low, close, volume);
        return null;
    }

    private void Quarantine(long? seconds, string code, int start, int length) => _quarantined.Add(new(
        seconds, code, Encoding.UTF8.GetString(_body.Span.Slice(start, Math.Min(length, MaxShownRow)))));

    private readonly record struct Entry(Candle Candle, long Ticks, int Start, int Length);
}
