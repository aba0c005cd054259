using System.Buffers.Binary;
using System.IO.Hashing;

namespace Pnl.Rates;

/// <summary>
/// A month's summary as SQLite keeps it: <see cref="MonthSummary.Store"/>, XXH64 of the month's bars, and XXH64 of both with
/// the row's key. So summaries are verified without a look at the bars, and bars, which have a checksum, by whose they are.
/// </summary>
internal static class StoredMonth
{
    /// <summary>Length of the stored form.</summary>
    public const int Length = MonthSummary.StoredLength + 16;

    /// <summary>The number of this form among those of months, for the renewal of earlier ones.</summary>
    public const int Form = 3;

    public static byte[] Store(long key, MonthSummary month, ReadOnlySpan<byte> bars)
    {
        byte[] bytes = new byte[Length];
        month.Store().CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(MonthSummary.StoredLength), XxHash64.HashToUInt64(bars));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(Length - 8), Sum(key, bytes));
        return bytes;
    }

    /// <summary>Whether it has a checksum, and that holds.</summary>
    public static bool Holds(long key, byte[] stored) =>
        stored.Length == Length && BinaryPrimitives.ReadInt64LittleEndian(stored.AsSpan(Length - 8)) == Sum(key, stored);

    /// <summary>The summary of a stored form that holds.</summary>
    public static MonthSummary Summary(int month, byte[] stored) => MonthSummary.Restore(month, stored.AsSpan(0, MonthSummary.StoredLength));

    /// <summary>Whether these are the bars of a stored form that holds.</summary>
    public static bool IsOf(byte[] stored, ReadOnlySpan<byte> bars) =>
        BinaryPrimitives.ReadUInt64LittleEndian(stored.AsSpan(MonthSummary.StoredLength)) == XxHash64.HashToUInt64(bars);

    private const int MonthBits = 14;

    /// <summary>The key of a month's row.</summary>
    /// <param name="number">Of the token.</param>
    /// <param name="month">Months since January 1970.</param>
    public static long KeyOf(long number, int month) => (number << MonthBits) | (uint)month;

    /// <summary>The month of a row.</summary>
    public static int MonthOf(long key) => (int)(key & ((1 << MonthBits) - 1));

    /// <summary>The number of a row's token.</summary>
    public static long NumberOf(long key) => key >> MonthBits;

    /// <summary>A month for people.</summary>
    public static string NameOf(int month, string token) => $"month {Text(month)} of {token}";

    /// <summary>Such as 2026-06.</summary>
    public static string Text(int month) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{1970 + month / 12:d4}-{month % 12 + 1:d2}");

    private static long Sum(long key, byte[] bytes) => RowSum.Of("month", key, bytes[..^8]);
}
