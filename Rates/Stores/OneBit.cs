using System.IO.Hashing;

namespace Pnl.Rates;

/// <summary>
/// Finds the one bit that differs from what was written, by trying them all: a checksum of 64 bits that holds afterwards is
/// no accident.
/// </summary>
internal static class OneBit
{
    private const int Most = 512 * 1024; // bytes; the time grows with the square

    /// <summary>Turns the bit back in the bytes given; false, and they are as before, if it is not one bit.</summary>
    /// <param name="bytes">What is damaged.</param>
    /// <param name="sum">The checksum that was stored.</param>
    /// <param name="progress">Called before each byte; may throw to end it, and the bytes are as before.</param>
    public static bool Restore(Span<byte> bytes, ulong sum, Action? progress = null)
    {
        for (int i = 0; bytes.Length <= Most && i < bytes.Length; i++)
        {
            progress?.Invoke();
            for (int bit = 1; bit < 256; bit <<= 1)
            {
                bytes[i] ^= (byte)bit;
                if (XxHash64.HashToUInt64(bytes) == sum)
                {
                    return true;
                }

                bytes[i] ^= (byte)bit;
            }
        }

        return false;
    }

    /// <summary>The values of a row with the bit turned back; null if it is not one bit of them.</summary>
    /// <param name="sum">Computes the checksum of values.</param>
    /// <param name="values">As they are stored, text as its bytes in <see cref="RawText"/>.</param>
    /// <param name="stored">The checksum that was stored.</param>
    /// <param name="progress">Called before each byte; may throw to end it.</param>
    public static object?[]? Restore(Func<object?[], long> sum, object?[] values, long stored, Action? progress = null)
    {
        for (int i = 0; i < values.Length; i++)
        {
            object? whole = values[i];
            byte[] bytes = whole switch { long number => BitConverter.GetBytes(number), byte[] blob => [.. blob], RawText text => [.. text.Bytes], _ => [] };
            for (int at = 0; at < bytes.Length && bytes.Length <= Most; at++)
            {
                progress?.Invoke();
                for (int bit = 1; bit < 256; bit <<= 1)
                {
                    bytes[at] ^= (byte)bit;
                    values[i] = whole switch { long => BitConverter.ToInt64(bytes), RawText => System.Text.Encoding.UTF8.GetString(bytes), _ => bytes };
                    if (sum(Texts(values)) == stored)
                    {
                        return Texts(values);
                    }

                    bytes[at] ^= (byte)bit;
                }
            }

            values[i] = whole;
        }

        return null;
    }

    /// <summary>The values with text as text.</summary>
    public static object?[] Texts(object?[] values) => Array.ConvertAll(values, value => value is RawText text ? System.Text.Encoding.UTF8.GetString(text.Bytes) : value);

    /// <summary>Text as its bytes, which may be none of UTF-8.</summary>
    public sealed record RawText(byte[] Bytes);
}
