using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Grains;

namespace Pnl.Client.Http;

/// <summary>JSON as the gateway reads and writes it, without what is null in what is sent; and what is no message.</summary>
internal static class Wire
{
    public static readonly JsonSerializerOptions Json = Options();

    private static JsonSerializerOptions Options()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
        PnlJson.AddTo(options);
        return options;
    }
}

internal sealed record DeletedWire(string Token, long Revision);

internal sealed record ListWire<T>([property: JsonRequired] T[] Items, string? NextCursor);

internal sealed record RatesBody(ReadOnlyMemory<long> Time, ReadOnlyMemory<decimal> Rate);

internal sealed record EntriesBody(IReadOnlyList<PortfolioEntry> Entries);

internal sealed record BackfillBody(object Tokens, DateTimeOffset? From, DateTimeOffset? To, string Source, string? Order, string? Kind, bool? Again);

internal sealed record KeyBody(string Name, string Owner, IReadOnlyList<string> Scopes);

/// <summary>Cursors, which only this client and the gateway look into.</summary>
internal static class Cursors
{
    /// <summary>From which open time on there is more of a series; null at the end.</summary>
    public static DateTimeOffset? Next(string? cursor) => cursor is null ? null : DateTimeOffset.FromUnixTimeSeconds(long.Parse(Epochs.Within(cursor).Split('_')[0], CultureInfo.InvariantCulture));

    /// <summary>The cursor of the page of a series that begins at a time.</summary>
    public static string Of(DateTimeOffset next) => next.AddTicks(TimeSpan.TicksPerSecond - 1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static string? Of(EntryPlace? after) => after is null ? null : string.Create(CultureInfo.InvariantCulture, $"{after.Time.UtcTicks}_{(int)after.Kind}_{after.Id}");
}

/// <summary>The life of the gateway's store, with which ETags, cursors and ids of events begin: <c>9f3c2a77e0b1d455~…</c>.</summary>
internal static class Epochs
{
    private const char Separator = '~';

    /// <summary>What stands behind the epoch; all of it if there is none, from a gateway of an earlier release.</summary>
    public static string Within(string text) => text[(text.IndexOf(Separator, StringComparison.Ordinal) + 1)..];

    /// <summary>Whether two ids are of different epochs.</summary>
    public static bool Differ(string? before, string? after) => before is not null && after is not null && Of(before) != Of(after);

    private static string Of(string text) => text[..(text.IndexOf(Separator, StringComparison.Ordinal) + 1)];
}
