using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Pnl.Grains;

/// <summary>Which shard a token's standing belongs to.</summary>
public static class StandingShards
{
    /// <summary>Number of shards. All processes of a cluster must agree on it.</summary>
    public const int Count = 8;

    /// <summary>The shard of a token, the same in every process.</summary>
    public static int Of(string token) => (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(token.AsSpan())) % Count);
}
