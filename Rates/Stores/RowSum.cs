using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Pnl.Rates;

/// <summary>
/// The checksum of a row: XXH64 over the name of what is summed and its values, each behind its type and length, so that
/// nothing can move from one column to the next.
/// </summary>
internal static class RowSum
{
    [ThreadStatic]
    private static XxHash64? _hash; // every bar that is stored needs one

    private const int MostOnStack = 384; // three bytes a character at most

    /// <summary>The checksum.</summary>
    /// <param name="name">What is summed, such as the table.</param>
    /// <param name="values">As SQLite has them: null, integers, numbers, text and bytes.</param>
    public static long Of(string name, params ReadOnlySpan<object?> values)
    {
        XxHash64 hash = _hash ??= new();
        Text(hash, name);
        foreach (object? value in values)
        {
            switch (value)
            {
                case null or DBNull:
                    Head(hash, 0, 0);
                    break;
                case long or int:
                    Head(hash, 1, Convert.ToInt64(value, null));
                    break;
                case double number:
                    Head(hash, 2, BitConverter.DoubleToInt64Bits(number));
                    break;
                case string text:
                    Text(hash, text);
                    break;
                case byte[] bytes:
                    Head(hash, 4, bytes.Length);
                    hash.Append(bytes);
                    break;
                default:
                    hash.Reset();
                    throw new ArgumentException($"a {value.GetType().Name} is no value of SQLite", nameof(values));
            }
        }

        long sum = (long)hash.GetCurrentHashAsUInt64();
        hash.Reset();
        return sum;
    }

    private static void Head(XxHash64 hash, byte type, long value)
    {
        Span<byte> head = stackalloc byte[9];
        head[0] = type;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], value);
        hash.Append(head);
    }

    private static void Text(XxHash64 hash, string text)
    {
        // What is read of a text ends at its first NUL.
        ReadOnlySpan<char> read = text.AsSpan(0, text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and int end ? end : text.Length);
        Span<byte> few = stackalloc byte[MostOnStack];
        ReadOnlySpan<byte> bytes = read.Length <= MostOnStack / 3 ? few[..Encoding.UTF8.GetBytes(read, few)] : Encoding.UTF8.GetBytes(read.ToArray());
        Head(hash, 3, bytes.Length);
        hash.Append(bytes);
    }
}
