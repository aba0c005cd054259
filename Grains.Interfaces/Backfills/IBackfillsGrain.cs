namespace Pnl.Grains;

/// <summary>All backfills; there is one, with key 0.</summary>
[Alias("Pnl.IBackfillsGrain")]
public interface IBackfillsGrain : IGrainWithIntegerKey
{
    /// <summary>Starts a backfill, or answers the one at work on the same request.</summary>
    [Alias("Start")]
    Task<BackfillStatus> Start(BackfillRequest request);

    /// <summary>Names of the sources that history can be fetched from.</summary>
    [Alias("Sources")]
    Task<string[]> Sources();

    /// <summary>Ids of all backfills, newest first.</summary>
    [Alias("List")]
    Task<string[]> List();

    /// <summary>Forgets a backfill that has ended; its id is not given again.</summary>
    [Alias("Forget")]
    Task<BackfillForgetting> Forget(string id);

    /// <summary>Lets every backfill go on that has not ended: called again and again, so that none stays dead.</summary>
    [Alias("ContinueAll")]
    Task ContinueAll();
}

/// <summary>What became of a backfill that should be forgotten.</summary>
[GenerateSerializer, Alias("Pnl.BackfillForgetting")]
public enum BackfillForgetting
{
    /// <summary>There is none of that id.</summary>
    Unknown,

    /// <summary>It is forgotten.</summary>
    Forgotten,

    /// <summary>It has not ended: cancel it first.</summary>
    AtWork,
}
