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

    /// <summary>Of what is fetched again, which no coverage tells: all tokens up to this id are done,</summary>
    public string? DoneUpTo { get; set; }

    /// <summary>and these behind it.</summary>
    public List<string> DoneBehind { get; set; } = [];

    /// <summary>
    /// Of what is fetched again: what is counted of tokens that have not ended. They are fetched from the start when it goes
    /// on, and then it is counted anew. Null if there are none.
    /// </summary>
    public Dictionary<string, BackfillPart>? Parts { get; set; }
}

/// <summary>What is counted of a token that is under way.</summary>
/// <param name="Landed">Bars landed.</param>
/// <param name="Quarantined">Rows set aside.</param>
internal sealed record BackfillPart(long Landed, long Quarantined);
