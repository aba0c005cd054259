using System.Buffers;
using System.Buffers.Text;

namespace Pnl.Tests.Acceptance.Exchange;

/// <summary>Candles as Binance writes them: <c>[[1499040000000,"0.0163","0.8","0.0157","0.0157","1489.76",1499040299999,"243.1",308,"175.6","28.4","0"],…]</c>.</summary>
internal static class KlineJson
{
    private const int VolumeScale = 3;
    private const int MostBytes = 320;

    public static byte[] Of(IReadOnlyList<KlineTicks> candles, int scale)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MostBytes * (candles.Count + 1));
        int at = 0;
        buffer[at++] = (byte)'[';
        for (int i = 0; i < candles.Count; i++)
        {
            KlineTicks candle = candles[i];
            long opens = candle.Slot * 300_000L;
            Put(i == 0 ? "["u8 : ",["u8);
            Number(opens);
            Text(candle.Open, scale);
            Text(candle.High, scale);
            Text(candle.Low, scale);
            Text(candle.Close, scale);
            Text(candle.Volume, VolumeScale);
            Put(","u8);
            Number(opens + 299_999);
            Text(candle.Volume, 0);
            Put(",308"u8);
            Text(candle.Volume / 2, VolumeScale);
            Text(candle.Volume / 3, 0);
            Put(",\"0\"]"u8);
        }

        Put("]"u8);
        byte[] json = buffer[..at];
        ArrayPool<byte>.Shared.Return(buffer);
        return json;

        void Put(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(buffer.AsSpan(at));
            at += bytes.Length;
        }

        void Number(long number)
        {
            Utf8Formatter.TryFormat(number, buffer.AsSpan(at), out int length);
            at += length;
        }

        void Text(long ticks, int places)
        {
            Put(",\""u8);
            int start = at;
            Number(ticks);
            if (places > 0)
            {
                // The point stands so many digits before the end, and one digit at least before it.
                int digits = at - start, zeros = Math.Max(0, places + 1 - digits);
                buffer.AsSpan(start, digits).CopyTo(buffer.AsSpan(start + zeros));
                buffer.AsSpan(start, zeros).Fill((byte)'0');
                at += zeros;
                buffer.AsSpan(at - places, places).CopyTo(buffer.AsSpan(at - places + 1));
                buffer[at++ - places] = (byte)'.';
            }

            Put("\""u8);
        }
    }
}
