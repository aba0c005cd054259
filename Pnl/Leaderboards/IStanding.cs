namespace Pnl;

/// <summary>How a token stands: its rolling windows at one revision. Immutable.</summary>
public interface IStanding
{
    /// <summary>The token's id.</summary>
    string Token { get; }

    /// <summary>The token's revision: of two standings the one with the higher is the newer.</summary>
    long Revision { get; }

    /// <summary>Close time of the last bar in Unix seconds; null if there is no bar.</summary>
    long? AsOf { get; }

    /// <summary>Age in seconds beyond which the last rate is stale.</summary>
    int StalenessSeconds { get; }

    /// <summary>Whether the token was deleted: then it is ranked nowhere, and its revision counts all the same.</summary>
    bool IsDeleted => false;

    /// <summary>Figures of a rolling window; null if there is no bar.</summary>
    StandingFigures? Over(RollingWindow window);
}
