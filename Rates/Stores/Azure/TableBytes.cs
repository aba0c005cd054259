using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>Bytes in an entity of Azure Tables: a property holds 64 KiB, so longer ones are spread over several.</summary>
internal static class TableBytes
{
    private const int MostAProperty = 64 << 10;

    /// <summary>Puts bytes into an entity as the properties <c>name</c>, <c>name1</c>, <c>name2</c>...</summary>
    public static void Put(this TableEntity entity, string name, ReadOnlyMemory<byte> bytes)
    {
        for (int part = 0, at = 0; part == 0 || at < bytes.Length; part++, at += MostAProperty)
        {
            entity[Part(name, part)] = bytes.Slice(at, Math.Min(MostAProperty, bytes.Length - at)).ToArray();
        }
    }

    /// <summary>The bytes that were put; null if none were.</summary>
    public static byte[]? Bytes(this TableEntity entity, string name)
    {
        byte[]? first = entity.GetBinary(name);
        if (first is null || !entity.ContainsKey(Part(name, 1)))
        {
            return first;
        }

        List<byte> all = [.. first];
        for (int part = 1; entity.GetBinary(Part(name, part)) is { } more; part++)
        {
            all.AddRange(more);
        }

        return [.. all];
    }

    private static string Part(string name, int part) => part == 0 ? name : $"{name}{part}";
}
