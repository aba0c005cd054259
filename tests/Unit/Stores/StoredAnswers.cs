using System.Globalization;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What the stores of a damaged folder or of damaged tables are asked, the same of both.</summary>
internal static class StoredAnswers
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Asks for tokens with their months, portfolios and dead letters.</summary>
    /// <param name="store">The store of tokens.</param>
    /// <param name="portfolios">That of portfolios.</param>
    /// <param name="answer">Notes an answer under its name, or that it names damage.</param>
    public static async Task AskAsync(ISegmentStore store, IPortfolioStore portfolios, Func<string, Func<Task<string>>, Task> answer)
    {
        foreach (string id in (string[])["btc", "eth", "btc@0", "doge"])
        {
            StoredToken? token = null;
            await answer(id, async () =>
            {
                token = await store.LoadAsync(id, Cancellation);
                return token is null ? "unknown" : string.Join(
                    '|', token.Revision, token.Registration.Symbol, token.Registration.Name, token.Registration.Quote, string.Join(',', token.Months), token.Tail is { } tail ? Convert.ToHexString(tail.Bytes.Span) : "", string.Join(',', token.Coverage.Ranges));
            });
            foreach (MonthSummary month in token?.Months ?? [])
            {
                await answer($"{id} {month.Month}", async () => Convert.ToHexString((await store.ReadMonthAsync(token!.Key, month.Month, Cancellation)).Bytes.Span));
            }
        }

        foreach (string id in (string[])["mine", "yours"])
        {
            await answer(id, async () => await portfolios.LoadAsync(id, Cancellation) is not { } stored ? "unknown"
                : $"{stored.Head}|{string.Join(',', stored.Entries.OrderBy(entry => entry.Id, StringComparer.Ordinal).Select(entry => entry with { Fees = default }))}");
        }

        await answer("gone", async () => (await portfolios.DeletedAtAsync("gone", Cancellation)).ToString(CultureInfo.InvariantCulture));
        await answer("letters", async () => string.Join(',', (await store.DeadLettersAsync(null, 10, Cancellation)).Select(letter => letter.Reason == "store.damaged" ? throw new StoreDamagedException(letter.Payload) : letter)));
    }
}
