namespace Pnl.Grains;

/// <summary>The API keys, of which only hashes are kept. There is one, with the key 0.</summary>
[Alias("Pnl.IApiKeysGrain")]
public interface IApiKeysGrain : IGrainWithIntegerKey
{
    /// <summary>Adds a key; completes when it is durable.</summary>
    /// <returns>False if there are as many as there may be, or one of its id.</returns>
    [Alias("Add")]
    Task<bool> Add(ApiKeyInfo key);

    /// <summary>All keys that hold, oldest first.</summary>
    [Alias("List")]
    Task<ApiKeyInfo[]> List();

    /// <summary>Takes a key back for ever; completes when that is durable.</summary>
    /// <returns>False if there is none of that id.</returns>
    [Alias("Revoke")]
    Task<bool> Revoke(string id);
}
