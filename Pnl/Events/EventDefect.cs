namespace Pnl;

/// <summary>A bar of an event that cannot be taken, or a whole event.</summary>
/// <param name="Token">The token as the event has it; null if it is not about one bar.</param>
/// <param name="Code">
/// Why: a code of <see cref="BarDefects"/> or <c>id.malformed</c> for a bar; <c>event.malformed</c>, <c>event.version</c>,
/// <c>event.tooLarge</c> or <c>columns.unequal</c> for an event.
/// </param>
/// <param name="Detail">What was found.</param>
public sealed record EventDefect(string? Token, string Code, string Detail);
