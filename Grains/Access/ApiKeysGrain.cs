using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>Keeps the API keys as state of a grain, so that every profile has them where it keeps the state of grains.</summary>
[GrainType("api-keys")]
internal sealed class ApiKeysGrain([PersistentState("apiKeys")] IPersistentState<ApiKeyList> stored) : Grain, IApiKeysGrain
{
    private const int Most = 1000; // they are written and told as one

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
        stored.State = new() { Keys = keys };
        try
        {
            await stored.WriteStateAsync();
        }
        catch
        {
            DeactivateOnIdle(); // whether it was stored is unknown: the next activation reads what is
            throw;
        }
    }
}
