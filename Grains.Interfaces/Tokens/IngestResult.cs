using System.Text.Json.Serialization;

namespace Pnl.Grains;

/// <summary>What became of the bars of a batch; every bar is counted once.</summary>
/// <param name="Accepted">Bars of slots that had none.</param>
/// <param name="Unchanged">Bars that were known already.</param>
/// <param name="Corrected">Bars that replaced another rate.</param>
/// <param name="Rejected">Bars that were not taken.</param>
/// <param name="Revision">The token's revision afterwards.</param>
[GenerateSerializer, Immutable, Alias("Pnl.IngestResult")]
public sealed record IngestResult(
    [property: Id(0)] int Accepted,
    [property: Id(1)] int Unchanged,
    [property: Id(2)] int Corrected,
    [property: Id(3)] RejectedBar[] Rejected,
    [property: Id(4)] long Revision)
{
    /// <summary>How many of those taken had more digits than are kept, and were rounded; see <see cref="RateText.ParseRounded"/>.</summary>
    [Id(5)]
    public int Rounded { get; init; }

    /// <summary>What was counted of the backfill that the batch names; null if it names none or nothing was counted.</summary>
    [Id(6), JsonIgnore]
    public BackfillCount? Counted { get; init; }
}

/// <summary>A bar that was not taken.</summary>
/// <param name="Index">Its place in the batch, from 0.</param>
/// <param name="Time">Its time as far as it could be read, in Unix seconds.</param>
/// <param name="Code">Why, such as <c>rate.zero</c>.</param>
[GenerateSerializer, Immutable, Alias("Pnl.RejectedBar")]
public readonly record struct RejectedBar([property: Id(0)] int Index, [property: Id(1), JsonConverter(typeof(SecondsConverter))] long? Time, [property: Id(2)] string Code);
