namespace Pnl.Grains;

/// <summary>A method that silos of the release before do not have.</summary>
public partial interface ITokenGrain
{
    /// <summary>By which release it is answered.</summary>
    [Alias("GetRelease")]
    Task<ReleaseInfo> GetRelease();
}

/// <summary>A message that they do not know.</summary>
[GenerateSerializer, Immutable, Alias("Pnl.ReleaseInfo")]
public sealed record ReleaseInfo([property: Id(0)] string Release);

/// <summary>Members that they do not know, in what is asked and in what is answered.</summary>
public sealed partial record BarBatch
{
    /// <summary>By which release it was sent.</summary>
    [Id(100)]
    public ReleaseInfo? SentBy { get; init; } = new("next");
}

/// <inheritdoc cref="BarBatch"/>
public sealed partial record WindowQuery
{
    /// <summary>By which release it is asked.</summary>
    [Id(100)]
    public string[]? AskedBy { get; init; } = ["next"];
}

/// <inheritdoc cref="BarBatch"/>
public sealed partial record TokenInfo
{
    /// <summary>By which release it is told.</summary>
    [Id(100)]
    public ReleaseInfo? ToldBy { get; init; } = new("next");
}

/// <inheritdoc cref="BarBatch"/>
public sealed partial record TokenPnl
{
    /// <summary>By which release it is told.</summary>
    [Id(100)]
    public IReadOnlyDictionary<string, decimal>? ToldBy { get; init; } = new Dictionary<string, decimal> { ["next"] = 0.2m };
}

/// <inheritdoc cref="BarBatch"/>
public sealed partial record TokenStanding
{
    /// <summary>By which release it is told.</summary>
    [Id(100)]
    public string? ToldBy { get; init; } = "next";
}
