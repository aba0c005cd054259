namespace Pnl.Grains;

/// <summary>What of a backfill survives the death of its silo. What is fetched the tokens know themselves.</summary>
internal sealed class BackfillState
{
    public BackfillRequest? Request { get; set; }

    public BackfillPhase Phase { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public int TokensTotal { get; set; }

    public int TokensDone { get; set; }

    public long BarsLanded { get; set; }

    public long BarsImported { get; set; }

    public long BarsCorrected { get; set; }

    public long Quarantined { get; set; }

    public int Retries { get; set; }

    public int TokensFailed { get; set; }

    public List<BackfillFailure> Failures { get; set; } = [];

    public int TokensEmpty { get; set; }

    public List<BackfillFailure> Empty { get; set; } = [];

    public List<BackfillFailure> LeftOut { get; set; } = [];

    /// <summary>All tokens up to this id, in the order of their ids, are done or given up,</summary>
    public string? DoneUpTo { get; set; }

    /// <summary>and these behind it.</summary>
    public List<string> DoneBehind { get; set; } = [];

    /// <summary>
    /// What is counted, in the sums above, of tokens that have not ended. When it goes on, what the tokens themselves counted
    /// takes its place. Null if there are none.
    /// </summary>
    public Dictionary<string, BackfillPart>? Parts { get; set; }
}

/// <summary>What is counted of a token that is under way.</summary>
/// <param name="Landed">Bars landed.</param>
/// <param name="Quarantined">Rows set aside.</param>
/// <param name="Imported">Bars that were new or replaced another rate.</param>
/// <param name="Corrected">Those that replaced another rate.</param>
internal sealed record BackfillPart(long Landed, long Quarantined, long Imported = 0, long Corrected = 0);
