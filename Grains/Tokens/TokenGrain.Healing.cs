using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

internal sealed partial class TokenGrain
{
    /// <summary>How far back a hole that the stream left is closed without being asked for; older ones are a backfill's.</summary>
    private const int HealedBars = 7 * BarTime.BarsPerDay;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(30), LongestPause = TimeSpan.FromHours(1);

    private IGrainTimer? _healing;
    private TimeSpan _healingPause = FirstPause;

    /// <summary>
    /// The newest hole of what was read of the source, between two ranges of which the later one is the present; empty if
    /// there is none, or it is old. A lost event leaves such a hole: the next one says that it goes on behind it.
    /// </summary>
    private SlotRange Hole()
    {
        if (_history.Coverage.Ranges is not [.., var before, var last] || last.To <= _history.Life.LastSlot)
        {
            return default;
        }

        return before.To >= last.To - HealedBars ? new(before.To, last.From) : default;
    }

    private void HealIfNeeded()
    {
        if (_healing is null && !Hole().IsEmpty)
        {
            meter.GapOpened();

            // Beside the turns: fetching hands the bars to this grain.
            _healing = this.RegisterGrainTimer(Heal, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = Timeout.InfiniteTimeSpan, Interleave = true });
        }
    }

    /// <summary>Asks the token's sources for exactly what is missing, until it is there.</summary>
    private async Task Heal(CancellationToken cancellation)
    {
        for (SlotRange hole = Hole(); !hole.IsEmpty && await Close(hole, cancellation); hole = Hole())
        {
            _healingPause = FirstPause; // on to the one before it, if there is any
        }

        if (Hole().IsEmpty)
        {
            Healed();
            return;
        }

        // A silent source is asked seldom; until it answers, the answers say that they are not complete.
        _healing?.Change(_healingPause, Timeout.InfiniteTimeSpan);
        _healingPause = _healingPause * 2 < LongestPause ? _healingPause * 2 : LongestPause;
    }

    private void Healed()
    {
        if (_healing is not null)
        {
            _healing.Dispose();
            (_healing, _healingPause) = (null, FirstPause);
            meter.GapClosed();
        }
    }

    /// <summary>Fetches a hole from the listings in their order; false if none closed any of it. Live bars are of 5 minutes.</summary>
    private async Task<bool> Close(SlotRange hole, CancellationToken cancellation)
    {
        foreach (Listing listing in _registration!.InOrder().Where(each => each.Interval == Interval.FiveMinutes && sources.TryGet(each.Source, out _)))
        {
            string source = listing.Source;
            try
            {
                BackfillWork work = await GrainFactory.GetGrain<IBackfillWorkerGrain>(Id)
                    .Fetch(new(source, listing.Symbol, Id, listing.Quote, hole.From, hole.To));
                log.LogInformation(
                    "{Token} lacked the bars from {From:u} to {To:u}: {Source} had {Bars} of them{Failure}",
                    Id, BarTime.Open(hole.From), BarTime.Open(hole.To), source, work.Landed, work.Failure is { } failure ? $", then failed: {failure.Detail}" : "");
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                log.LogWarning(e, "{Token} lacks the bars from {From:u} to {To:u}, and {Source} could not be asked", Id, BarTime.Open(hole.From), BarTime.Open(hole.To), source);
            }

            if (Hole() != hole)
            {
                return true;
            }
        }

        return false;
    }
}
