using Pnl.Grains;

namespace Pnl.Client;

/// <summary>Somebody who wants to know when a token has changed.</summary>
/// <param name="needsPnl">Whether it wants to know how the token stands then; else the token need not be asked.</param>
/// <param name="changed">Is told of each change; null where nobody needed to know how the token stands.</param>
internal sealed class TokenFollower(bool needsPnl, Action<TokenState?> changed)
{
    public bool NeedsPnl => needsPnl;

    public void Tell(TokenState? state) => changed(state);
}

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
