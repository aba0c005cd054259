namespace Pnl.Cli.Server;

/// <summary>A key to make.</summary>
internal sealed record KeyBody(string Name, string Owner, IReadOnlyList<string> Scopes);

/// <summary>A key that was made.</summary>
internal sealed record NewKeyAnswer(string Id, string Name, string Owner, string Key);

/// <summary>The keys that hold.</summary>
internal sealed record KeysAnswer(KeyAnswer[] Items);

/// <summary>What is known of a key.</summary>
internal sealed record KeyAnswer(string Id, string Name, string Owner, string[] Scopes, DateTimeOffset CreatedAt);
