using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Keeps the API keys as state of a grain, so that every profile has them where it keeps the state of grains. Of a list that is
/// damaged the keys that are good go on; of the others the names are listed, and can be revoked.
/// </summary>
[GrainType("api-keys")]
internal sealed class ApiKeysGrain(
    [PersistentState("apiKeys")] IPersistentState<ApiKeyList> stored, [PersistentState("apiKeySums")] IPersistentState<ApiKeySums> sums, ILogger<ApiKeysGrain> log)
    : Grain, IApiKeysGrain
{
    private const int Most = 1000; // they are written and told as one

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (stored.State.Damaged is { } text)
        {
            stored.State = new() { Keys = sums.State.Held(text) };
            foreach (ApiKeyInfo key in stored.State.Keys.Where(ApiKeySums.IsDamaged))
            {
                log.LogError("The API key {Key} is damaged in the store and lets nobody in; revoke it and make another", key.Id);
            }
        }

        return Task.CompletedTask;
    }

    public async Task<bool> Add(ApiKeyInfo key)
    {
        if (stored.State.Keys.Count >= Most || stored.State.Keys.Any(other => other.Id == key.Id))
        {
            return false;
        }

        await Write([.. stored.State.Keys, key]);
        return true;
    }

    public Task<ApiKeyInfo[]> List() => Task.FromResult(stored.State.Keys.ToArray());

    public async Task<bool> Revoke(string id)
    {
        List<ApiKeyInfo> left = [.. stored.State.Keys.Where(key => key.Id != id)];
        if (left.Count == stored.State.Keys.Count)
        {
            return false;
        }

        await Write(left);
        return true;
    }

    private async Task Write(List<ApiKeyInfo> keys)
    {
        (stored.State, sums.State) = (new() { Keys = keys }, ApiKeySums.Of(keys));
        try
        {
            await sums.WriteStateAsync(); // one more or less than there are keys does no harm
            await stored.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle(); // whether it was stored is unknown: the next activation reads what is
            throw;
        }
    }
}
