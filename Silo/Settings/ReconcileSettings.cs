using Pnl.Grains;

namespace Pnl.Silo;

/// <summary>The daily comparison of live bars with the history of their source.</summary>
internal sealed class ReconcileSettings
{
    [Description("whether each UTC day's live bars are compared with the history of the feed's source, corrected and filled"), DefaultValue("`on` where an exchange feeds, else `off`")] public Switch? Value { get; set; }
    [Description("how many minutes after midnight UTC"), Range(5, 1439)] public int AfterMinutes { get; set; } = 30;
    [Description("how many days are caught up with after a pause"), Range(1, 366)] public int MostDays { get; set; } = 7;

    /// <exception cref="SettingsException">It is on, and the feed has no history.</exception>
    internal ReconcileOptions ToOptions(Feed feed)
    {
        bool isOn = Value is { } given ? given == Switch.On : feed > Feed.Replay;
        return isOn && feed is Feed.None or Feed.Replay
            ? throw new SettingsException("Reconcile", "on", $"off, since {PnlSettings.Section}:Feed is {Setting.Word(feed)}, which has no history to compare with")
            : new() { Source = isOn ? Setting.Word(feed) : null, After = TimeSpan.FromMinutes(AfterMinutes), MostDays = MostDays };
    }

    internal enum Switch { On, Off }
}
