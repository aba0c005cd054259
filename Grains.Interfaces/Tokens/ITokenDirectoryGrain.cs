namespace Pnl.Grains;

/// <summary>The list of all tokens. Reads the store, never the tokens' grains.</summary>
[Alias("Pnl.ITokenDirectoryGrain")]
public interface ITokenDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>How many tokens there are, as of some seconds ago at most.</summary>
    [Alias("Count")]
    Task<int> Count();

    /// <summary>Tokens in the order of their ids.</summary>
    /// <param name="search">Part of id, symbol or name, in any case; null for all.</param>
    /// <param name="after">Only ids behind this one; null from the start.</param>
    /// <param name="limit">The most to return.</param>
    [Alias("List")]
    Task<TokenInfo[]> List(string? search, string? after, int limit);
}
