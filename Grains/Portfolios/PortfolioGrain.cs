using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pnl.Rates;

namespace Pnl.Grains;

/// <summary>
/// Owns a portfolio's ledger. The arithmetic is <see cref="Portfolio"/>'s; the grain gets the rates that it asks for, and
/// makes a change visible once it is durable. Calls take turns: each answers of one state, and what is held is given away
/// once.
/// </summary>
[GrainType("portfolio")]
internal sealed partial class PortfolioGrain(
    IPortfolioStore store, LiveTokens live, StorageReachability storage, QuotaOptions quotas, IGrainFactory grains, IHostApplicationLifetime host, TimeProvider time, ILogger<PortfolioGrain> log)
    : Grain, IPortfolioGrain
{
    private readonly KnownRates _rates = new(live, grains);
    private readonly Dictionary<string, int> _currencies = new(StringComparer.Ordinal); // in how many places of the ledger each stands
    private PortfolioKey? _key;
    private PortfolioHead? _head;
    private Portfolio _portfolio = Portfolio.Empty(new("usd", default, false, false));
    private PerformanceHistory _performance = PerformanceHistory.Empty; // of the first entries, at least up to where something changed since
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously); // of what is stored
    private bool _forgetting;

    /// <summary>Names it in the store.</summary>
    private string Key => this.GetPrimaryKeyString();

    private string Id => PortfolioOwner.Id(Key);

    /// <summary>
    /// The revision that is answered: it grows with every change of the ledger and of every token that counts, and since all
    /// of these are durable, so is it.
    /// </summary>
    private long Revision => _head!.Base + _rates.Revisions(_currencies.Keys);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        storage.Check();
        if (await store.LoadAsync(Key, cancellationToken) is not { } stored)
        {
            return;
        }

        (_key, _head, _portfolio) = (stored.Key, stored.Head, Portfolio.Empty(stored.Head.Terms));
        Count(stored.Entries, 1);
        _currencies[stored.Head.Terms.BaseCurrency] = _currencies.GetValueOrDefault(stored.Head.Terms.BaseCurrency) + 1;
        PortfolioChange change = await With(stored.Entries, [], rates => _portfolio.Post(stored.Entries, rates));
        _portfolio = change.Refused is null ? change.After
            : throw new InvalidDataException($"the stored ledger of {Key} does not hold: {change.Refused}");
        BeginChanges();
    }

    public async Task<PutPortfolioResult> Put(PortfolioDetails details)
    {
        PortfolioTerms terms = new(details.BaseCurrency, details.CostBasis, details.AllowShorts, details.TrackCash);
        if (_head is null)
        {
            _currencies[terms.BaseCurrency] = 1;
            await _rates.LookAsync(_currencies.Keys, []);
            long revision = 1 + await store.DeletedAtAsync(Key, CancellationToken.None);
            await Store(new(revision, terms, revision - _rates.Revisions(_currencies.Keys), null), [], []);
            _portfolio = Portfolio.Empty(terms);
            BeginChanges();
            return new(Info(), Created: true, null);
        }

        if (terms == _head.Terms)
        {
            await Settle();
            return new(Info(), Created: false, null);
        }

        PortfolioChange change = await With(_portfolio.Entries, [terms.BaseCurrency], rates => _portfolio.On(terms, rates), terms.BaseCurrency);
        if (change.Refused is not null)
        {
            return new(Info(), Created: false, Refused(change.Refused, []));
        }

        long next = Revision + 1;
        Dictionary<string, int> currencies = new(_currencies);
        Add(_currencies, _head.Terms.BaseCurrency, -1);
        Add(_currencies, terms.BaseCurrency, 1);
        try
        {
            await Store(Next(terms, next), [], []);
        }
        catch
        {
            Replace(currencies);
            throw;
        }

        (_portfolio, _performance) = (change.After, PerformanceHistory.Empty);
        NoteChange(0);
        return new(Info(), Created: false, null);
    }

    public async Task<bool> Remove()
    {
        if (_head is null)
        {
            Unknown<PortfolioInfo>();
            return false;
        }

        await Stored(() => store.DeleteAsync(Key, _key!, _head.Revision, Revision));
        (_key, _head, _portfolio, _performance, _answeredAsOf) = (null, null, Portfolio.Empty(_portfolio.Terms), PerformanceHistory.Empty, null);
        _currencies.Clear();
        DeactivateOnIdle();
        return true;
    }

    public async Task<PortfolioInfo?> Get()
    {
        if (_head is null)
        {
            return Unknown<PortfolioInfo>();
        }

        await Settle();
        return Info();
    }

    public Task<LedgerResult?> Post(PortfolioEntry[] entries)
    {
        LedgerEntry[] added = Array.ConvertAll(entries, entry => entry.ToLedger());
        return Change(
            added,
            rates => _portfolio.Post(added, rates),
            () => ([.. added.Where(entry => _portfolio.Entry(entry.Id) is null).DistinctBy(entry => entry.Id)], []));
    }

    public Task<LedgerResult?> Correct(PortfolioEntry entry)
    {
        LedgerEntry corrected = entry.ToLedger();
        return Change([corrected], rates => _portfolio.Correct(corrected, rates), () => ([corrected], [_portfolio.Entry(corrected.Id)!]));
    }

    public Task<LedgerResult?> Delete(string entryId) =>
        Change([], _ => _portfolio.Delete(entryId), () => ([], [_portfolio.Entry(entryId)!]));

    /// <summary>Checks a change, makes it durable, and lets it be seen.</summary>
    /// <param name="given">The entries that the client gave.</param>
    /// <param name="make">Makes the change of the ledger as it is.</param>
    /// <param name="rows">The entries that are put, and those that go.</param>
    private async Task<LedgerResult?> Change(LedgerEntry[] given, Func<CrossRates, PortfolioChange> make, Func<(LedgerEntry[] Put, LedgerEntry[] Gone)> rows)
    {
        if (_head is null)
        {
            return Unknown<LedgerResult>();
        }

        DateTimeOffset now = time.GetUtcNow();
        for (int i = 0; i < given.Length; i++)
        {
            bool isStored = given[i].Id is { } id && _portfolio.Entry(id) is not null;
            if ((isStored ? EntryCheck.CheckStored(given[i], now) : EntryCheck.Check(given[i], now)) is { } defect)
            {
                await Settle();
                return new(0, 0, Revision, Refused(defect, given) with { Index = i });
            }
        }

        PortfolioChange change = await With(given, [.. given.SelectMany(Names).Distinct()], make);
        if (change.Refused is { } refused)
        {
            return new(0, 0, Revision, Refused(refused, given));
        }

        if (change.Entries == 0)
        {
            return new(0, given.Length, Revision, null);
        }

        (LedgerEntry[] put, LedgerEntry[] gone) = rows();
        if (gone.Length == 0 && change.After.Count > quotas.Entries)
        {
            return new(0, 0, Revision, new("", null, EntryCodes.LedgerFull, "entries",
                $"the portfolio has {_portfolio.Count} entries, and with these {change.After.Count}: at most {quotas.Entries} are taken, since its profit and loss takes longer with each. Begin another portfolio, or raise Pnl:Quotas:Entries", null));
        }

        int accepted = Math.Max(put.Length, gone.Length);
        long revision = Revision + accepted;
        Dictionary<string, int> before = new(_currencies);
        Count(gone, -1);
        Count(put, 1);
        try
        {
            await Store(Next(_head.Terms, revision), put, [.. gone.Select(entry => entry.Id).Except(put.Select(entry => entry.Id))]);
        }
        catch
        {
            Replace(before);
            throw;
        }

        (_portfolio, _performance) = (change.After, _performance.UpTo(change.First));
        NoteChange(put.Concat(gone).Min(entry => BarTime.SlotAtOrAfter(entry.Time) - 1)); // it counts at the first close that is not before it
        return new(accepted, given.Length == 0 ? 0 : given.Length - accepted, revision, null);
    }

    /// <summary>Computes with all rates that some entries ask for, of one state.</summary>
    private async Task<PortfolioChange> With(IEnumerable<LedgerEntry> entries, string[] adding, Func<CrossRates, PortfolioChange> make, string? baseCurrency = null)
    {
        while (true)
        {
            await Settle(adding);
            HashSet<RateNeed> needs = [];
            Portfolio.Needs(entries, baseCurrency ?? _head!.Terms.BaseCurrency, _rates.Graph, needs);
            await _rates.FetchAsync(needs);
            if (_rates.ChangedFrom == int.MaxValue)
            {
                return make(Conversions());
            }
        }
    }

    /// <summary>Brings the conversions of the ledger up to what the tokens say now.</summary>
    private async Task Settle(string[]? adding = null)
    {
        await _rates.LookAsync(_currencies.Keys, adding ?? []);
        while (_rates.ChangedFrom != int.MaxValue)
        {
            int from = _rates.ChangedFrom;
            _rates.ChangedFrom = int.MaxValue;
            try
            {
                if (_portfolio.CountBefore(from) == _portfolio.Count)
                {
                    NoteRates(from);
                    continue;
                }

                HashSet<RateNeed> needs = [];
                Portfolio.Needs(_portfolio.From(from), _portfolio.Terms.BaseCurrency, _rates.Graph, needs);
                await _rates.FetchAsync(needs);
                Portfolio before = _portfolio;
                (_portfolio, _performance) = (before.Reconverted(from, Conversions()), _performance.UpTo(before.CountBefore(from)));
                if (ReferenceEquals(before, _portfolio))
                {
                    NoteRates(from); // no entry is converted by what has changed: the lots are as they were
                }
                else
                {
                    NoteChange(from);
                }
            }
            catch
            {
                _rates.ChangedFrom = Math.Min(_rates.ChangedFrom, from);
                throw;
            }
        }
    }

    private CrossRates Conversions() => new(_rates.Graph, _rates);

    private PortfolioHead Next(PortfolioTerms terms, long revision) =>
        new(_head!.Revision + 1, terms, revision - _rates.Revisions(_currencies.Keys), LatestAsOf);

    private Task Store(PortfolioHead head, LedgerEntry[] put, string[] deleted) => Stored(async () =>
    {
        _key = await store.WriteAsync(new(Key, _key, _head?.Revision ?? 0, head, put, deleted));
        _head = head;
    });

    private async Task Stored(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e)
        {
            // Whether it was stored is unknown: the next activation reads what is.
            log.LogWarning(e, "The portfolio {Portfolio} could not be written", Key);
            DeactivateOnIdle();
            throw;
        }
        finally
        {
            // After a failure too: an activation cannot go before those who wait have gone.
            TaskCompletionSource changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
        }
    }

    private PortfolioInfo Info() => new()
    {
        Id = Id,
        BaseCurrency = _head!.Terms.BaseCurrency,
        CostBasis = _head.Terms.CostBasis,
        AllowShorts = _head.Terms.AllowShorts,
        TrackCash = _head.Terms.TrackCash,
        Entries = _portfolio.Count,
        Revision = Revision,
    };

    private static RefusedEntry Refused(EntryDefect defect, LedgerEntry[] given)
    {
        int index = Array.FindIndex(given, entry => entry.Id == defect.EntryId);
        return new(defect.EntryId, index < 0 ? null : index, defect.Code, defect.Field, defect.Detail, defect.Held);
    }

    private void Count(IEnumerable<LedgerEntry> entries, int times)
    {
        foreach (string currency in entries.SelectMany(Names))
        {
            Add(_currencies, currency, times);
        }
    }

    private static IEnumerable<string> Names(LedgerEntry entry) => PostedEntry.Currencies(entry).Append(entry.Token);

    private static void Add(Dictionary<string, int> counts, string currency, int times)
    {
        int count = counts.GetValueOrDefault(currency) + times;
        if (count == 0)
        {
            counts.Remove(currency);
        }
        else
        {
            counts[currency] = count;
        }
    }

    private void Replace(Dictionary<string, int> currencies)
    {
        _currencies.Clear();
        foreach ((string currency, int count) in currencies)
        {
            _currencies.Add(currency, count);
        }
    }

    // A grain for an id that nobody set up is not worth its memory; not at once, or those who ask together would chase its activations.
    private T? Unknown<T>()
        where T : class
    {
        if (!_forgetting)
        {
            _forgetting = true;
            this.RegisterGrainTimer(
                () =>
                {
                    _forgetting = false;
                    if (_head is null)
                    {
                        DeactivateOnIdle();
                    }

                    return Task.CompletedTask;
                },
                new GrainTimerCreationOptions { DueTime = TimeSpan.FromSeconds(10), Period = Timeout.InfiniteTimeSpan });
        }

        return null;
    }
}
