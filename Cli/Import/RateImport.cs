using Pnl.Client;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Cli.Import;

/// <summary>
/// Sends files of rates to a server. Files of different tokens go in parallel; those of one token one after another, in
/// order, so that a later file corrects an earlier one and never the other way round by chance.
/// </summary>
/// <param name="pnl">The server.</param>
/// <param name="parallel">How many tokens' files at a time.</param>
/// <param name="progress">Told how far it is.</param>
/// <param name="candleSeconds">The length of the candles of all files, if it was given; else null.</param>
/// <param name="covers">Whether each file is whole from its first bar to its last.</param>
internal sealed class RateImport(IPnlClient pnl, int parallel, ImportProgress progress, int? candleSeconds = null, bool covers = false)
{
    /// <summary>Imports all files; every one has its tally, in the order given, whatever happened.</summary>
    public async Task<IReadOnlyList<FileTally>> RunAsync(IReadOnlyList<ImportFile> files, CancellationToken cancel)
    {
        FileTally[] tallies = [.. files.Select(f => new FileTally(f))];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ParallelOptions options = new() { MaxDegreeOfParallelism = parallel, CancellationToken = cancel };
        await Parallel.ForEachAsync(tallies.GroupBy(t => t.File.Id).ToArray(), options, async (sameToken, _) =>
        {
            FileTally[] ofToken = [.. sameToken];
            EarlierBars earlier = new(keeps: ofToken.Length > 1);
            string? quote = null;
            foreach (FileTally tally in ofToken)
            {
                try
                {
                    stop.Token.ThrowIfCancellationRequested();
                    quote ??= (await FindAsync(tally.File.Id, stop.Token))?.Quote ?? Preferred(ofToken);
                    await ImportAsync(tally, quote, earlier, stop.Token);
                }
                catch (RateFileException e)
                {
                    tally.Fail(FileFailure.Unreadable, e.Message);
                }
                catch (Exception e) when (Server.IsRefusal(e))
                {
                    tally.Fail(FileFailure.Declined, Server.Told(e));
                }
                catch (Exception e) when (Server.IsFailure(e))
                {
                    // It was asked long enough: the other files would fare no better.
                    tally.Fail(FileFailure.Server, Server.Told(e));
                    await stop.CancelAsync();
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    tally.Fail(FileFailure.Stopped, "stopped, since the server failed with another file");
                }

                progress.Finished(tally);
            }
        });
        return tallies;
    }

    /// <summary>The currency of a token that is not registered yet: the same that a backfill would choose of these pairs.</summary>
    private static string Preferred(FileTally[] ofToken) =>
        ofToken.Select(tally => new SourcePair(tally.File.Symbol, tally.File.Id, tally.File.Quote)).Min(QuotePreference.Order)!.Quote;

    /// <summary>A token, or null if it is not registered.</summary>
    private async Task<TokenInfo?> FindAsync(string token, CancellationToken cancel)
    {
        try
        {
            return await pnl.GetTokenAsync(token, cancel);
        }
        catch (TokenUnknownException)
        {
            return null;
        }
    }

    private async Task ImportAsync(FileTally tally, string quote, EarlierBars earlier, CancellationToken cancel)
    {
        ImportFile file = tally.File;
        RateReading series = RateFileReading.Read(file.Path, file.Quote, candleSeconds, file.CandleSeconds);
        tally.Read(series);
        if (series.WithoutSpikes().Aside.Count - series.Aside.Count is > 0 and var spikes)
        {
            // Whoever hands a file in means its rates; of what a backfill fetches they are set aside.
            tally.Notes.Add(FormattableString.Invariant($"{spikes:N0} bars leave the level by more than {SpikeCheck.Factor:0} times and come back: they are taken, but may be bad prints"));
        }

        if (!quote.Equals(file.Quote, StringComparison.OrdinalIgnoreCase))
        {
            tally.RejectBars(series, "quote.mismatch");
            tally.Fail(
                FileFailure.QuoteMismatch,
                $"token '{file.Id}' is quoted in {quote}, the file in {file.Quote}: give the pairs ids of their own, such as --id {{symbol}}-{{quote}}");
            return;
        }

        if (series.Bars == 0)
        {
            tally.Fail(FileFailure.NothingTaken, series.Rows == 0 ? "it has no rows" : "not one of its rows could be taken");
            return;
        }

        if (earlier.Contradiction(series) is { } contradiction)
        {
            tally.RejectBars(series, "rate.contradicts");
            tally.Fail(FileFailure.Contradicts, $"{contradiction}: import it alone if it is the right one, or under an id of its own");
            return;
        }

        tally.Notes.AddRange(earlier.Differences(series));
        if (await FindAsync(file.Id, cancel) is null)
        {
            await pnl.RegisterTokenAsync(file.Id, new() { Symbol = file.Symbol, Name = file.Symbol, Quote = file.Quote }, cancel);
        }

        long sent = 0;
        foreach (RateChunk chunk in RateChunks.Of(series, BarBatch.MaxLength, covers))
        {
            tally.Answered(chunk, await pnl.IngestAsync(file.Id, chunk.Batch(), cancel));
            sent += chunk.Count;
            progress.Sent(tally, (double)sent / series.Bars, chunk.Count);
        }

        earlier.Add(series);
        if (tally.Accepted + tally.Unchanged + tally.Corrected == 0)
        {
            tally.Fail(FileFailure.NothingTaken, "the server took not one of its rows");
        }
    }
}
