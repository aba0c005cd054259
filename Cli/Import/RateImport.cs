using Pnl.Cli.Server;
using Pnl.Rates;

namespace Pnl.Cli.Import;

/// <summary>
/// Sends files of rates to a server. Files of different tokens go in parallel; those of one token one after another, in
/// order, so that a later file corrects an earlier one and never the other way round by chance.
/// </summary>
internal sealed class RateImport(PnlServer server, int parallel, ImportProgress progress)
{
    /// <summary>The most rows that the server takes in a call.</summary>
    public const int MaxRowsPerCall = 100_000;

    /// <summary>Imports all files; every one has its tally, in the order given, whatever happened.</summary>
    public async Task<IReadOnlyList<FileTally>> RunAsync(IReadOnlyList<ImportFile> files, CancellationToken cancel)
    {
        FileTally[] tallies = [.. files.Select(f => new FileTally(f))];
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        ParallelOptions options = new() { MaxDegreeOfParallelism = parallel, CancellationToken = cancel };
        await Parallel.ForEachAsync(tallies.GroupBy(t => t.File.Id).ToArray(), options, async (sameToken, _) =>
        {
            foreach (FileTally tally in sameToken)
            {
                try
                {
                    stop.Token.ThrowIfCancellationRequested();
                    await ImportAsync(tally, stop.Token);
                }
                catch (RateFileException e)
                {
                    tally.Fail(FileFailure.Unreadable, e.Message);
                }
                catch (ServerException e) when (e.IsRefusal)
                {
                    tally.Fail(FileFailure.Declined, e.Message);
                }
                catch (ServerException e)
                {
                    // It was asked long enough: the other files would fare no better.
                    tally.Fail(FileFailure.Server, e.Message);
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

    private async Task ImportAsync(FileTally tally, CancellationToken cancel)
    {
        ImportFile file = tally.File;
        using RateFile rows = RateFile.Open(file.Path);
        TokenAnswer? token = await server.FindTokenAsync(file.Id, cancel);
        if (token is null)
        {
            await server.RegisterTokenAsync(file.Id, new TokenRequest(file.Symbol, file.Symbol, file.Quote), cancel);
        }
        else if (!token.Quote.Equals(file.Quote, StringComparison.OrdinalIgnoreCase))
        {
            RefuseWhole(tally, rows, token);
            return;
        }

        RateChunks chunks = new(rows, tally, MaxRowsPerCall);
        while (chunks.Next() is { } chunk)
        {
            IngestAnswer answer = await server.IngestAsync(file.Id, chunk.Csv(), chunk.Covered, cancel);
            tally.Answered(chunk, answer);
            progress.Sent(tally, rows.Fraction, chunk.Count);
        }
    }

    private static void RefuseWhole(FileTally tally, RateFile rows, TokenAnswer token)
    {
        tally.Fail(
            FileFailure.QuoteMismatch,
            $"token '{token.Id}' is quoted in {token.Quote}, the file in {tally.File.Quote}: give the pairs ids of their own, "
            + "such as --id {symbol}-{quote}");
        while (rows.TryRead(out RateRow row))
        {
            tally.Read(row with { Defect = BarDefect.None });
            tally.Reject("quote.mismatch", row.Line);
        }
    }
}
