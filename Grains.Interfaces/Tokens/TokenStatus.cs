namespace Pnl.Grains;

/// <summary>Whether a token trades.</summary>
[GenerateSerializer, Alias("Pnl.TokenStatus")]
public enum TokenStatus
{
    /// <summary>Registered, without a bar.</summary>
    Registered,

    /// <summary>Its last rate is younger than its staleness limit.</summary>
    Live,

    /// <summary>Its last rate is older than that.</summary>
    Stale,

    /// <summary>It ceased to trade.</summary>
    Delisted,
}
