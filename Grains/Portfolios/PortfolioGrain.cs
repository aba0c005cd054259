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
        PortfolioChange change = await Ask(() => _portfolio.Posting(stored.Entries, _rates.Graph));
        _portfolio = change.Refused is null ? change.After
            : throw new InvalidDataException($"the stored ledger of {Key} does not hold: {change.Refused}");
        BeginChanges();
    }

    public async Task<PutPortfolioResult> Put(PortfolioDetails details)
    {
        PortfolioTerms terms = new(details.BaseCurrency, details.CostBasis, details.AllowShorts, details.TrackCash);
        if (_head is null)
        {
            Replace(new() { [terms.BaseCurrency] = 1 }); // an attempt before may have failed on another one
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

        PortfolioChange change = await Ask(() => _portfolio.OnTerms(terms, _rates.Graph), [terms.BaseCurrency]);
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
            () => _portfolio.Posting(added, _rates.Graph),
            () => ([.. added.Where(entry => _portfolio.Entry(entry.Id) is null).DistinctBy(entry => entry.Id)], []));
    }

    public Task<LedgerResult?> Correct(PortfolioEntry entry)
    {
        LedgerEntry corrected = entry.ToLedger();
        return Change([corrected], () => _portfolio.Correcting(corrected, _rates.Graph), () => ([corrected], [_portfolio.Entry(corrected.Id)!]));
    }

    public Task<LedgerResult?> Delete(string entryId) =>
        Change([], () => PortfolioQuestion<PortfolioChange>.Of(_portfolio.Delete(entryId)), () => ([], [_portfolio.Entry(entryId)!]));

    /// <summary>Checks a change, makes it durable, and lets it be seen.</summary>
    /// <param name="given">The entries that the client gave.</param>
    /// <param name="ask">Asks what becomes of the ledger as it is.</param>
    /// <param name="rows">The entries that are put, and those that go.</param>
    private async Task<LedgerResult?> Change(LedgerEntry[] given, Func<PortfolioQuestion<PortfolioChange>> ask, Func<(LedgerEntry[] Put, LedgerEntry[] Gone)> rows)
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

        PortfolioChange change = await Ask(ask, [.. given.SelectMany(Names).Distinct()]);
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

    /// <summary>
    /// Computes from one state of the ledger and of all rates. First the conversions of the ledger are brought up to what the tokens say now
    /// (<see cref="Settle"/>); then it computes, and may fetch rates meanwhile. If a token tells with those rates that an earlier one has
    /// changed, all of it begins anew.
    /// </summary>
    /// <param name="compute">Computes, of the ledger as it is each time.</param>
    /// <param name="adding">Currencies that the ledger does not name yet, and whose markets count.</param>
    private async Task<T> OfOneState<T>(Func<Task<T>> compute, string[]? adding = null)
    {
        while (true)
        {
            await Settle(adding);
            T answer = await compute();
            if (_rates.ChangedFrom == int.MaxValue)
            {
                return answer;
            }
        }
    }

    /// <summary>Asks a question of the ledger: fetches the rates that it names, and answers from one state.</summary>
    /// <param name="ask">Asks it of the ledger as it is each time.</param>
    /// <param name="adding">See <see cref="OfOneState"/>.</param>
    private Task<T> Ask<T>(Func<PortfolioQuestion<T>> ask, string[]? adding = null) => OfOneState(() => Answer(ask()), adding);

    /// <summary>The answer to a question; null if a rate has changed meanwhile by which the ledger was converted.</summary>
    private async Task<T> Answer<T>(PortfolioQuestion<T> question)
    {
        await _rates.FetchAsync(question.Rates, question.Columns);
        return _rates.ChangedFrom == int.MaxValue ? question.Answer(Conversions()) : default!;
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

                Portfolio before = _portfolio;
                PortfolioQuestion<Portfolio> question = before.Reconverting(from, _rates.Graph);
                await _rates.FetchAsync(question.Rates, question.Columns);
                (_portfolio, _performance) = (question.Answer(Conversions()), _performance.UpTo(before.CountBefore(from)));
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
