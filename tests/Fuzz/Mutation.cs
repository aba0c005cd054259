using System.Text;

namespace Pnl.Tests.Fuzz;

/// <summary>Changes valid bytes or text a little, in the ways in which files are broken and numbers are at their ends.</summary>
internal static class Mutation
{
    private static readonly long[] Ends = [0, 1, -1, 127, 128, 255, 256, 32_767, 65_535, 65_536, 16_777_215, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    private static readonly string[] Words =
    [
        "", "0", "-0", "1", "-1", "0.1", "1e5", "1e-5", "1E+400", "1e-400", "NaN", "Infinity", "-Infinity", "null", "true", "79228162514264337593543950335", "79228162514264337593543950336",
        "0.0000000000000000000000000001", "0.00000000000000000000000000001", "99999999999999999999999999999999999999", "9223372036854775807", "-9223372036854775808", "2147483648",
        "253402300799", "253402300800", "1621427700", "1621427700000", "4102444800", "2021-05-19T12:35:00Z", "2021-05-19T12:35:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2021-02-30T00:00:00Z",
        "2021-05-19T12:35:00.0000001+14:00", "\"", "\"\"", ",", ";", "\n", "\r\n", "\r", "\0", "\t", "\uFEFF", "é", "𝔘", "\ud800", "İ", "ß", "١٢٣", "%00", "%ff", "\\ud800", "\\u0000", "..", "../../etc/passwd", "' OR 1=1 --",
        "<script>alert(1)</script>", "{}", "[]", "[[[[[[[[", "{\"a\":", "$", "€1,234.56", "1,234", "1,23", "buy", "sell", "deposit", "redenomination", "usd", "btc", "BTC", "_", "a b", "--", "+5", "0x10", "1_000",
    ];

    public static string Word(Random random) => random.Next(20) == 0 ? new string((char)random.Next(1, 0xD800), random.Next(1, 5000)) : Words[random.Next(Words.Length)];

    /// <summary>One to eight changes of bytes; <paramref name="other"/> is what pieces are taken from.</summary>
    public static byte[] Bytes(Random random, byte[] from, byte[] other)
    {
        List<byte> bytes = [.. from];
        for (int changes = random.Next(1, 9); changes > 0; changes--)
        {
            int at = random.Next(bytes.Count + 1), left = bytes.Count - at;
            switch (random.Next(9))
            {
                case 0 when left > 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when left > 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2 when left >= 4:
                    Put(bytes, at, BitConverter.GetBytes(unchecked((int)Ends[random.Next(Ends.Length)])));
                    break;
                case 3 when left >= 8:
                    Put(bytes, at, BitConverter.GetBytes(Ends[random.Next(Ends.Length)]));
                    break;
                case 4 when left > 0:
                    bytes.RemoveRange(at, random.Next(1, Math.Min(left, 64) + 1));
                    break;
                case 5 when left > 0:
                    bytes.InsertRange(at, bytes.GetRange(at, random.Next(1, Math.Min(left, 64) + 1)));
                    break;
                case 6 when other.Length > 0:
                    int start = random.Next(other.Length);
                    bytes.InsertRange(at, other.AsSpan(start, random.Next(1, Math.Min(other.Length - start, 64) + 1)).ToArray());
                    break;
                case 7 when random.Next(4) == 0:
                    bytes.RemoveRange(at, left); // cut off
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Word(random)));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>As <see cref="Bytes"/>, or bytes of the last few hundred alone, where Parquet and ZIP tell what is where.</summary>
    public static byte[] Tail(Random random, byte[] from, byte[] other)
    {
        if (random.Next(3) == 0)
        {
            return Bytes(random, from, other);
        }

        byte[] bytes = [.. from];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            int at = bytes.Length - 1 - random.Next(Math.Min(bytes.Length, 600));
            byte[] put = random.Next(4) switch
            {
                0 => [(byte)(bytes[at] ^ (1 << random.Next(8)))],
                1 => [(byte)random.Next(256)],
                2 => BitConverter.GetBytes(unchecked((int)Ends[random.Next(Ends.Length)])),
                _ => [0xFF, 0xFF, 0xFF, 0xFF, (byte)random.Next(1, 16)], // a large number as Thrift writes them
            };
            put.AsSpan(0, Math.Min(put.Length, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    /// <summary>Changes fields and lines of a table, and sometimes its bytes.</summary>
    public static byte[] Table(Random random, byte[] from, byte[] other)
    {
        if (random.Next(4) == 0)
        {
            return Bytes(random, from, other);
        }

        List<string> lines = [.. Encoding.UTF8.GetString(from).Split('\n')];
        for (int changes = random.Next(1, 6); changes > 0 && lines.Count > 0; changes--)
        {
            int at = random.Next(lines.Count);
            string[] fields = lines[at].Split(',');
            switch (random.Next(7))
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(random.Next(lines.Count + 1), lines[at]);
                    break;
                case 2:
                    (lines[at], lines[0]) = (lines[0], lines[at]);
                    break;
                case 3:
                    lines[at] = string.Join(',', [.. fields, Word(random)]);
                    break;
                default:
                    fields[random.Next(fields.Length)] = Word(random);
                    lines[at] = string.Join(',', fields);
                    break;
            }
        }

        return Encoding.UTF8.GetBytes(string.Join(random.Next(8) == 0 ? "\r\n" : "\n", lines));
    }

    private static void Put(List<byte> bytes, int at, ReadOnlySpan<byte> what)
    {
        for (int i = 0; i < what.Length; i++)
        {
            bytes[at + i] = what[i];
        }
    }
}
