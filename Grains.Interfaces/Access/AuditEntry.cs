namespace Pnl.Grains;

/// <summary>A change that somebody who is known asked for, whether it was done or refused.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.AuditEntry")]
public sealed record AuditEntry
{
    /// <summary>Its place among all, which grows by one; given by the grain that keeps it.</summary>
    [Id(0)]
    public long Number { get; init; }

    /// <summary>When it was answered, UTC.</summary>
    [Id(1)]
    public DateTimeOffset Time { get; init; }

    /// <summary>Who asked: the key's id and name, or the token's subject and issuer. No secret.</summary>
    [Id(2)]
    public required string Who { get; init; }

    /// <summary>From which address.</summary>
    [Id(3)]
    public required string Address { get; init; }

    /// <summary>What for: the method and the path, without the query.</summary>
    [Id(4)]
    public required string What { get; init; }

    /// <summary>The HTTP status that came of it.</summary>
    [Id(5)]
    public int Status { get; init; }

    /// <summary>Names the request in the log.</summary>
    [Id(6)]
    public required string Request { get; init; }
}
