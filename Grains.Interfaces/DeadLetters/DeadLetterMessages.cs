namespace Pnl.Grains;

/// <summary>An event that could not be taken, and was put aside.</summary>
/// <param name="Id">What it is asked for by.</param>
/// <param name="At">When it was put aside, UTC.</param>
/// <param name="Token">The token, or the stream where none is named.</param>
/// <param name="Reason">Stable code of why, such as <c>token.unknown</c>.</param>
/// <param name="Payload">The event as text.</param>
[GenerateSerializer, Immutable, Alias("Pnl.DeadLetterInfo")]
public sealed record DeadLetterInfo([property: Id(0)] string Id, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string Token, [property: Id(3)] string Reason, [property: Id(4)] string Payload);

/// <summary>What came of an event that was handed over again.</summary>
/// <param name="Letter">The event; it is kept no longer if it was taken.</param>
/// <param name="Reason">Why it was not taken this time either; null if it was.</param>
[GenerateSerializer, Immutable, Alias("Pnl.DeadLetterReplay")]
public sealed record DeadLetterReplay([property: Id(0)] DeadLetterInfo Letter, [property: Id(1)] string? Reason)
{
    /// <summary>The reason of an event that cannot be read as a bar: nothing but its producer can send it again.</summary>
    public const string Unreadable = "event.unreadable";
}
