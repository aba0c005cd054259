namespace Pnl.Bench.Reporting;

/// <summary>One line of the report, and one object of its JSON.</summary>
/// <param name="Name">Such as <c>codec.decode</c>.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Peer">The best peer's figure; null if no peer was there.</param>
/// <param name="PeerName">That peer.</param>
/// <param name="Ratio">How many times better ours is than the peer's; below 1 it is worse.</param>
/// <param name="Unit">Of ours, peer and limit.</param>
/// <param name="Better"><c>lower</c> or <c>higher</c>.</param>
/// <param name="Limit">What no implementation on this machine could do better than; null if none is known.</param>
/// <param name="LimitName">What sets that limit.</param>
/// <param name="Note">Further peers, targets, conditions.</param>
internal sealed record Figure(
    string Name, double Ours, double? Peer, string? PeerName, double? Ratio, string Unit, string Better, double? Limit, string? LimitName, string? Note)
{
    public static Figure Lower(string name, string unit, double ours, Rival? peer, string? note, double? limit = null, string? limitName = null) =>
        new(name, ours, peer?.Value, peer?.Name, peer?.Value / ours, unit, "lower", limit, limitName, note);

    public static Figure Higher(string name, string unit, double ours, Rival? peer, string? note, double? limit = null, string? limitName = null) =>
        new(name, ours, peer?.Value, peer?.Name, ours / peer?.Value, unit, "higher", limit, limitName, note);
}

/// <summary>A peer's figure.</summary>
internal sealed record Rival(string Name, double Value)
{
    public override string ToString() => $"{Name} {Significant.Text(Value)}";
}
