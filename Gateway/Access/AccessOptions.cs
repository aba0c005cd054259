namespace Pnl.Gateway;

/// <summary>Who may enter, and how.</summary>
public sealed record AccessOptions
{
    /// <summary>Whether everybody may do everything, as the owner <c>local</c>; else a key or a token is asked for.</summary>
    public bool IsOpen { get; init; } = true;

    /// <summary>Names beside those of the loopback address by which a server is asked for where access is open.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>The hash of a key that is good for everything and is in no list; null for none.</summary>
    public string? AdminKeyHash { get; init; }

    /// <summary>The issuer of tokens that are taken, as its discovery document is found below it; null for none.</summary>
    public Uri? Authority { get; init; }

    /// <summary>For whom such a token must have been issued.</summary>
    public string? Audience { get; init; }

    /// <summary>Requests a second of each key, each subject of a token, and each address that shows neither; twice as many at once.</summary>
    public int RequestsASecond { get; init; } = 100;

    /// <summary>Of what all callers may have at once of connections, requests and streams, the percentage that one of them may have.</summary>
    public int SharePercent { get; init; } = 25;

    /// <summary>One caller's part of what all may have; one at least.</summary>
    internal int ShareOf(int all) => Math.Max(1, (int)((long)all * SharePercent / 100));
}
