namespace Pnl.Client.Http;

/// <summary>What the HTTP API does beyond <see cref="IPnlClient"/>: keys, backups, and what runs there.</summary>
public interface IPnlHttpClient : IPnlClient
{
    /// <summary>What runs there. Takes no key.</summary>
    /// <exception cref="PnlUnavailableException">No gateway answers.</exception>
    Task<GatewayVersion> GetVersionAsync(CancellationToken cancellation = default);

    /// <summary>Makes an API key; takes an admin's. Each call makes one, so it is not made again after a failure.</summary>
    /// <param name="name">What the key is called in lists and logs.</param>
    /// <param name="owner">Whose portfolios it reads and changes, by the rule of ids.</param>
    /// <param name="scopes">What it is good for: <c>read</c>, <c>ingest</c>, <c>portfolio</c>, <c>metrics</c>, <c>admin</c>.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The key, with <see cref="ApiKeyDetails.Key"/>, which is told this once.</returns>
    /// <exception cref="PnlProblemException">It is refused.</exception>
    Task<ApiKeyDetails> CreateKeyAsync(string name, string owner, IReadOnlyList<string> scopes, CancellationToken cancellation = default);

    /// <summary>The API keys that hold, oldest first, without the keys themselves; takes an admin's.</summary>
    /// <exception cref="PnlProblemException">It is refused.</exception>
    Task<IReadOnlyList<ApiKeyDetails>> ListKeysAsync(CancellationToken cancellation = default);

    /// <summary>Takes an API key back for ever; takes an admin's.</summary>
    /// <exception cref="PnlProblemException">There is none of that id, or it is refused.</exception>
    Task RevokeKeyAsync(string id, CancellationToken cancellation = default);

    /// <summary>A copy of the gateway's store as a tar, to be read as it comes and disposed of; takes an admin's key.</summary>
    /// <exception cref="PnlProblemException">It is refused.</exception>
    Task<Stream> OpenBackupAsync(CancellationToken cancellation = default);
}

/// <summary>What runs at an address.</summary>
/// <param name="Version">The release, such as <c>0.1.0</c>.</param>
/// <param name="Commit">The commit that it was built of; null where that is not known.</param>
/// <param name="Contract">The version of the HTTP API's contract, such as <c>1</c>.</param>
public sealed record GatewayVersion(string Version, string? Commit, string Contract);

/// <summary>What is known of an API key.</summary>
/// <param name="Id">What it is revoked by.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Owner">Whose portfolios it reads and changes.</param>
/// <param name="Scopes">What it is good for.</param>
/// <param name="CreatedAt">When it was made, in UTC.</param>
/// <param name="Key">The key itself, told when it is made; else null.</param>
public sealed record ApiKeyDetails(string Id, string Name, string Owner, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string? Key = null);
