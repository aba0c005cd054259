namespace Pnl.Grains;

/// <summary>
/// Each owner has portfolio ids of his own: <c>mine</c> of one and <c>mine</c> of another are two portfolios, so that no
/// answer, not even that an id is taken, tells anybody of another's. The key of a portfolio's grain holds both.
/// </summary>
public static class PortfolioOwner
{
    /// <summary>Owns what is made without access control, and what a service makes that names no owner. Its keys are plain ids.</summary>
    public const string Local = "local";

    private const char Mark = '~'; // in no id, and behind all of them in order

    /// <summary>The key of a portfolio.</summary>
    /// <exception cref="ArgumentException">The owner's name breaks the rule of ids.</exception>
    public static string Key(string owner, string id) => Prefix(owner) + id;

    /// <summary>What the keys of an owner's portfolios begin with.</summary>
    /// <exception cref="ArgumentException">The owner's name breaks the rule of ids.</exception>
    public static string Prefix(string owner) =>
        owner == Local ? ""
        : TokenId.IsValid(owner) ? $"{Mark}{owner}{Mark}"
        : throw new ArgumentException($"'{owner}' is no owner: wanted {TokenId.Rule}", nameof(owner));

    /// <summary>The id of the portfolio with a key.</summary>
    public static string Id(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key[(key.LastIndexOf(Mark) + 1)..];
    }

    /// <summary>Whether a key is of an owner's portfolio.</summary>
    public static bool Owns(string owner, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return owner == Local ? !key.StartsWith(Mark) : key.StartsWith(Prefix(owner), StringComparison.Ordinal);
    }
}
