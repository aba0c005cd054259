using Pnl.Cli.Output;
using Pnl.Grains;

namespace Pnl.Cli.Backfill;

/// <summary>How far backfills are.</summary>
internal static class BackfillReport
{
    private const int MostShown = 20;

    /// <summary>As an exit code: whether all went well so far.</summary>
    public static int Code(BackfillStatus backfill) => backfill.Phase is BackfillPhase.Failed or BackfillPhase.CompletedWithFailures ? ExitCode.Rejected : ExitCode.Ok;

    /// <summary>One, with what was given up and why.</summary>
    public static void Write(Screen screen, BackfillStatus backfill)
    {
        if (!screen.IsForPeople)
        {
            screen.Show(Rows([backfill]));
            return;
        }

        screen.Say($"{backfill.Id} {Figures.Text(backfill.Phase)}: {backfill.Tokens.Done:N0} of {backfill.Tokens.Total:N0} tokens, {backfill.Bars.Landed:N0} bars landed, {backfill.Bars.Imported:N0} new or corrected, {backfill.Bars.Quarantined:N0} rows set aside, {backfill.Retries:N0} retries.");
        Write(screen, backfill.Failures, "given up because");
        if (backfill.Empty.Length > 0)
        {
            screen.Say($"Of {backfill.Tokens.Empty:N0} tokens nothing was fetched.");
            Write(screen, [.. backfill.Empty.Take(MostShown)], "nothing fetched because");
        }

        foreach (BackfillFailure left in backfill.LeftOut.Take(MostShown))
        {
            screen.Say($"[yellow]left out[/] {left.Detail}.");
        }

        if (backfill.LeftOut.Length > MostShown)
        {
            screen.Say($"[yellow]left out[/] pairs of {backfill.LeftOut.Length - MostShown:N0} more tokens.");
        }
    }

    public static Sheet<BackfillStatus> Rows(IReadOnlyList<BackfillStatus> backfills) => new(
        backfills, new("id", b => b.Id), new("status", b => b.Phase), new("source", b => b.Source), new("tokens", b => b.Tokens.Total), new("done", b => b.Tokens.Done), new("failed", b => b.Tokens.Failed),
        new("bars landed", b => b.Bars.Landed), new("retries", b => b.Retries), new("started", b => b.StartedAt), new("ended", b => b.EndedAt));

    private static void Write(Screen screen, BackfillFailure[] failures, string why)
    {
        if (failures.Length > 0)
        {
            screen.Show(new Sheet<BackfillFailure>(failures, new("token", f => f.Token), new(why, f => f.Code), new("detail", f => f.Detail, Wraps: true)));
        }
    }
}
