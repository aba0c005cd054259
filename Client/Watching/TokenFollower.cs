namespace Pnl.Client;

/// <summary>Somebody who wants to know when a token has changed.</summary>
/// <param name="needsPnl">Whether it wants to know how the token stands then; else the token need not be asked.</param>
/// <param name="changed">Is told of each change; null where nobody needed to know how the token stands.</param>
internal sealed class TokenFollower(bool needsPnl, Action<TokenState?> changed)
{
    public bool NeedsPnl => needsPnl;

    public void Tell(TokenState? state) => changed(state);
}
