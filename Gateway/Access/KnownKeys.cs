using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orleans;
using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>
/// The keys as the cluster has them, not older than a second: so long at most a key that another gateway has taken back is
/// good here. While the cluster does not answer, and that is so for moments when a silo dies, they are good for a minute.
/// </summary>
internal sealed class KnownKeys(IGrainFactory grains, AccessOptions access, TimeProvider time, ILogger<KnownKeys> log) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1), Bearable = TimeSpan.FromMinutes(1), UntilAnswered = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private volatile Snapshot? _last;

    private IApiKeysGrain Grain => grains.GetGrain<IApiKeysGrain>(0);

    /// <summary>Who shows a key; null if it is none that holds.</summary>
    /// <exception cref="StoreDamagedException">It is one of which the store has no more than its name.</exception>
    public async ValueTask<ApiKeyInfo?> FindAsync(string key, CancellationToken cancellation)
    {
        if (!ApiKey.IsWellFormed(key))
        {
            return null;
        }

        string hash = ApiKey.Hash(key), id = ApiKey.IdOf(hash);
        if (access.AdminKeyHash is { } admin && IsSame(admin, hash))
        {
            return new() { Id = id, Name = "of the settings", Owner = PortfolioOwner.Local, Scopes = [Scope.Admin], Hash = hash };
        }

        Snapshot keys = _last is { } last && time.GetElapsedTime(last.Asked) < Fresh ? last : await AskAsync(isForced: false, cancellation);
        return !keys.ById.TryGetValue(id, out ApiKeyInfo? known) ? null
            : known.Hash.Length == 0 ? throw new StoreDamagedException($"the API key {id} is damaged: an admin revokes it and makes another")
            : IsSame(known.Hash, hash) ? known : null;
    }

    public async Task<bool> AddAsync(ApiKeyInfo key, CancellationToken cancellation)
    {
        bool added = await Grain.Add(key).WaitAsync(cancellation);
        await AskAsync(isForced: true, cancellation);
        return added;
    }

    public async Task<IReadOnlyList<ApiKeyInfo>> ListAsync(CancellationToken cancellation) => await Grain.List().WaitAsync(cancellation);

    public async Task<bool> RevokeAsync(string id, CancellationToken cancellation)
    {
        bool revoked = await Grain.Revoke(id).WaitAsync(cancellation);
        await AskAsync(isForced: true, cancellation);
        return revoked;
    }

    public void Dispose() => _asking.Dispose();

    private async Task<Snapshot> AskAsync(bool isForced, CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            Snapshot? last = _last;
            if (!isForced && last is not null && time.GetElapsedTime(last.Asked) < Fresh)
            {
                return last; // who waited before has asked
            }

            long asked = time.GetTimestamp();
            try
            {
                ApiKeyInfo[] keys = await Grain.List().WaitAsync(UntilAnswered, time, cancellation);
                return _last = new(asked, keys.ToDictionary(key => key.Id, StringComparer.Ordinal));
            }
            catch (Exception e) when (e is not OperationCanceledException && !isForced)
            {
                if (last is null || time.GetElapsedTime(last.Asked) > Bearable)
                {
                    throw new ApiException(StatusCodes.Status503ServiceUnavailable, "cluster.unavailable", "The engine cannot answer now: the keys that are good here cannot be asked for.") { RetryAfterSeconds = 2 };
                }

                log.LogWarning("The keys cannot be asked for and are taken as they were: {Reason}", e.Message);
                return last;
            }
        }
        finally
        {
            _asking.Release();
        }
    }

    private static bool IsSame(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(one), Encoding.ASCII.GetBytes(other));

    private sealed record Snapshot(long Asked, Dictionary<string, ApiKeyInfo> ById);
}
