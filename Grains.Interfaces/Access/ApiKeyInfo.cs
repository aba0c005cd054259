namespace Pnl.Grains;

/// <summary>What is kept of an API key.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.ApiKeyInfo")]
public sealed record ApiKeyInfo
{
    /// <summary>Names it: <see cref="ApiKey.IdOf"/> its hash.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>What it is called by those who manage keys.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>To whom the portfolios belong that it reads and changes.</summary>
    [Id(2)]
    public required string Owner { get; init; }

    /// <summary>What it is good for: names of <see cref="Scope"/>.</summary>
    [Id(3)]
    public required string[] Scopes { get; init; }

    /// <summary>Its SHA-256: <see cref="ApiKey.Hash"/>.</summary>
    [Id(4)]
    public required string Hash { get; init; }

    /// <summary>When it was made, UTC.</summary>
    [Id(5)]
    public DateTimeOffset CreatedAt { get; init; }
}
