using Pnl.Grains;

namespace Pnl.Client;

/// <summary>How a token stands that is there, or was.</summary>
/// <param name="Pnl">Its PnL; of one that was deleted, that of a token without a bar.</param>
/// <param name="IsDeleted">Whether it was deleted.</param>
internal sealed record TokenState(TokenPnl Pnl, bool IsDeleted)
{
    /// <summary>That of a token that was deleted.</summary>
    /// <param name="token">Its id.</param>
    /// <param name="revision">The revision by which it was.</param>
    public static TokenState Deleted(string token, long revision) =>
        new(new() { Token = token, Quote = "", Revision = revision, Windows = new Dictionary<string, WindowPnl>() }, IsDeleted: true);
}
