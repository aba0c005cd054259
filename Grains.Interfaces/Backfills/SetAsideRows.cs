namespace Pnl.Grains;

/// <summary>Rows that were not taken as bars.</summary>
/// <param name="Total">How many there are in all.</param>
/// <param name="Rows">Some of them.</param>
[GenerateSerializer, Immutable, Alias("Pnl.SetAsideRows")]
public sealed record SetAsideRows([property: Id(0)] long Total, [property: Id(1)] SetAsideRow[] Rows);

/// <summary>A row of a source that was not taken as a bar.</summary>
/// <param name="Source">Name of the source.</param>
/// <param name="Symbol">The source's own name of the instrument.</param>
/// <param name="Quote">Id of the currency of its rates.</param>
/// <param name="Interval">Length of its bars.</param>
/// <param name="Time">Its time, UTC; null if it could not be read.</param>
/// <param name="Text">The row as it came, the first 200 characters of it.</param>
/// <param name="Reason">Stable code of why, such as <c>rate.jump</c>.</param>
/// <param name="FetchedAt">When it was fetched, UTC.</param>
[GenerateSerializer, Immutable, Alias("Pnl.SetAsideRow")]
public sealed record SetAsideRow(
    [property: Id(0)] string Source,
    [property: Id(1)] string Symbol,
    [property: Id(2)] string Quote,
    [property: Id(3)] Interval Interval,
    [property: Id(4)] DateTimeOffset? Time,
    [property: Id(5)] string Text,
    [property: Id(6)] string Reason,
    [property: Id(7)] DateTimeOffset FetchedAt);
