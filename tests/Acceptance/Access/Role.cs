namespace Pnl.Tests.Acceptance.Access;

/// <summary>Somebody who comes.</summary>
/// <param name="Name">What he is.</param>
/// <param name="Header">What he shows; null for nothing.</param>
/// <param name="Scope">What he may do, nothing if it is empty; null if he is not let in at all.</param>
internal sealed record Role(string Name, (string Name, string Value)? Header, string? Scope)
{
    /// <summary>The key or token itself.</summary>
    public string? Secret => Header?.Value.Split(' ')[^1];

    public static Role OfKey(string name, string key, string? scope) => new(name, ("X-Api-Key", key), scope);

    public static Role OfToken(string name, string token, string? scope) => new(name, ("Authorization", "Bearer " + token), scope);

    /// <summary>The status of an answer to a call that needs a scope; null if what he asks for is done.</summary>
    public int? Refusal(string? needed) =>
        needed is null ? null
        : Scope is null ? 401
        : needed == Call.Known || Scope == Pnl.Scope.Admin || Scope == needed ? null
        : 403;

    public override string ToString() => Name;
}
