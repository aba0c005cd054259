using Pnl.Grains;

namespace Pnl.Gateway;

/// <summary>A key to make.</summary>
internal sealed record KeyRequest(string? Name, string? Owner, string[]? Scopes);

/// <summary>What is known of a key.</summary>
internal record KeyAnswer(string Id, string Name, string Owner, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt)
{
    public static KeyAnswer Of(ApiKeyInfo key) => new(key.Id, key.Name, key.Owner, key.Scopes, key.CreatedAt);
}

/// <summary>A key that was made, with the key itself, which nobody can be told again.</summary>
internal sealed record NewKeyAnswer(string Id, string Name, string Owner, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, string Key)
    : KeyAnswer(Id, Name, Owner, Scopes, CreatedAt);
