using System.Collections.Immutable;
using Azure;

namespace Pnl.Rates;

/// <summary>What <see cref="AzureSegmentStore"/> needs to know of a token from one call to the next.</summary>
/// <param name="Token">The token's id.</param>
/// <param name="Revision">The revision stored.</param>
/// <param name="Version">The version of the token's row.</param>
/// <param name="Registration">As it is in the directory.</param>
/// <param name="Json">The same, as it is stored.</param>
/// <param name="Index">The write that made the index of the months; null if there is none.</param>
/// <param name="Months">By which write each sealed month came, ascending.</param>
internal sealed record AzureTokenKey(
    string Token, long Revision, ETag Version, TokenRegistration Registration, string Json, WriteId? Index, ImmutableArray<(int Month, WriteId Write)> Months) : StoredKey(Token)
{
    /// <summary>The write by which a sealed month came; null if there is none.</summary>
    public WriteId? WriteOf(int month)
    {
        int at = Months.AsSpan().BinarySearch(new ByMonth(month));
        return at < 0 ? null : Months[at].Write;
    }

    public static string MonthRow(int month, WriteId write) => $"{month:d4}-{write}";

    public static string IndexRow(WriteId write) => $"i-{write}";

    private readonly struct ByMonth(int month) : IComparable<(int Month, WriteId Write)>
    {
        public int CompareTo((int Month, WriteId Write) other) => month.CompareTo(other.Month);
    }
}
