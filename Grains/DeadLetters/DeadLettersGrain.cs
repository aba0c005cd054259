using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>Lists what was put aside, and hands it over again.</summary>
[GrainType("dead-letters")]
[StatelessWorker]
internal sealed class DeadLettersGrain(ISegmentStore store, ILogger<DeadLettersGrain> log) : Grain, IDeadLettersGrain
{
    public async Task<DeadLetterInfo[]> List(string? after, int limit) =>
        [.. (await store.DeadLettersAsync(after, limit, CancellationToken.None)).Select(Info)];

    public async Task<DeadLetterReplay?> Replay(string id)
    {
        if (await store.DeadLetterAsync(id, CancellationToken.None) is not { } letter)
        {
            return null;
        }

        if (letter.Reason == DeadLetter.Damaged || !TokenId.IsValid(letter.Token) || DeadBar.Read(letter.Payload) is not { } bar)
        {
            return new(Info(letter), DeadLetterReplay.Unreadable);
        }

        if (await GrainFactory.GetGrain<ITokenGrain>(letter.Token).TakeAgain(bar) is { } reason)
        {
            return new(Info(letter), reason);
        }

        await store.RemoveDeadLetterAsync(id);
        log.LogInformation("A bar of {Token} that had been put aside was taken: {Payload}", letter.Token, letter.Payload);
        return new(Info(letter), null);
    }

    private static DeadLetterInfo Info(DeadLetter letter) => new(letter.Id, letter.At, letter.Token, letter.Reason, letter.Payload);
}
