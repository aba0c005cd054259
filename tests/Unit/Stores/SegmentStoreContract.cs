using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>What every store of bars keeps, and what it refuses.</summary>
public abstract class SegmentStoreContract
{
    private static readonly int Start = BarTime.FirstSlotOfMonth(12 * 54); // 2024-01

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens a store over what the test's stores have kept, as another process would.</summary>
    protected abstract Task<ISegmentStore> OpenAsync();

    [Fact]
    public async Task A_token_that_nobody_wrote_is_not_there()
    {
        ISegmentStore store = await OpenAsync();
        Assert.Null(await store.LoadAsync("btc", Cancellation));
        Assert.Empty(await store.ListAsync(null, null, 10, Cancellation));
        Assert.Empty(await store.StatesAsync(Cancellation));
        Assert.Empty(await store.DeadLettersAsync(null, 10, Cancellation));
    }

    [Fact]
    public async Task What_is_written_in_many_steps_is_read_bit_for_bit_as_a_clean_build_has_it()
    {
        ISegmentStore store = await OpenAsync();
        Random random = new(3);
        OwnedToken token = await OwnedToken.NewAsync(store, "btc.b_c-1");
        Bar[] bars = [.. Enumerable.Range(0, 40_000).Where(_ => random.Next(10) > 0).Select(i => AsTaken(new(Start + i, new decimal(random.Next(1, int.MaxValue), 0, 0, false, 5))))];

        // The past in pieces and not in order, then the present bar by bar over the ends of days and of a month.
        (Bar[] past, Bar[] present) = (bars[..^400], bars[^400..]);
        foreach (Bar[] piece in past.Chunk(4_000).OrderBy(_ => random.Next()))
        {
            await token.TakeAsync(piece, new(piece[0].Slot, piece[^1].Slot + 1));
        }

        foreach (Bar bar in present)
        {
            await token.TakeAsync([bar]);
        }

        await token.TakeAsync([bars[17] with { Rate = 1.5m }]);
        bars[17] = bars[17] with { Rate = 1.5m };
        await AssertCleanAsync(store, token, bars);
        await AssertCleanAsync(await OpenAsync(), token, bars);
    }

    [Fact]
    public async Task Rates_of_all_digits_over_a_whole_month_fit()
    {
        ISegmentStore store = await OpenAsync();
        Random random = new(5);
        OwnedToken token = await OwnedToken.NewAsync(store, "wild");
        Bar[] bars = [.. Enumerable.Range(0, 40 * BarTime.BarsPerDay).Select(i => AsTaken(new(Start + i, new decimal(random.Next(), random.Next(), random.Next(1, 1000), false, (byte)random.Next(15, 20)))))];
        await token.TakeAsync(bars);
        await AssertCleanAsync(await OpenAsync(), token, bars);
    }

    [Fact]
    public async Task A_write_upon_a_revision_that_is_no_more_is_refused_and_leaves_nothing()
    {
        ISegmentStore store = await OpenAsync(), other = await OpenAsync();
        Bar[] bars = Bars(3_000);
        OwnedToken first = await OwnedToken.NewAsync(store, "btc");
        await first.TakeAsync(bars[..1_000]);
        OwnedToken second = await OwnedToken.LoadAsync(other, "btc");
        await second.TakeAsync(bars[1_000..]); // seals days, which the first does too
        await Assert.ThrowsAsync<StoreConflictException>(() => first.TakeAsync([.. bars[1_500..].Select(bar => bar with { Rate = 9m })]));
        await Assert.ThrowsAsync<StoreConflictException>(() => OwnedToken.NewAsync(store, "btc"));
        await AssertCleanAsync(store, second, bars);
        await second.TakeAsync([bars[0] with { Rate = 4m }]);
        bars[0] = bars[0] with { Rate = 4m };
        await AssertCleanAsync(await OpenAsync(), second, bars);
    }

    [Fact]
    public async Task Of_many_writers_upon_the_same_revision_one_comes_first()
    {
        ISegmentStore[] stores = [await OpenAsync(), await OpenAsync()];
        await OwnedToken.NewAsync(stores[0], "btc");
        for (int round = 0; round < 5; round++)
        {
            OwnedToken[] owners = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => OwnedToken.LoadAsync(stores[i % 2], "btc")));
            bool[] won = await Task.WhenAll(owners.Select(async (owner, i) =>
            {
                try
                {
                    // With months and without.
                    await owner.TakeAsync([.. Bars(round % 2 == 0 ? 1 : 700).Select(bar => new Bar(bar.Slot + round * 700, i + 1))]);
                    return true;
                }
                catch (StoreConflictException)
                {
                    return false;
                }
            }));
            OwnedToken winner = owners[Array.IndexOf(won, true)];
            Assert.Equal(1, won.Count(one => one));
            Assert.Equal(winner.Revision, (await stores[1].LoadAsync("btc", Cancellation))!.Revision);
            await AssertSameAsync(stores[1], winner);
        }
    }

    [Fact]
    public async Task Many_tokens_at_once_and_one_of_them_too_late()
    {
        ISegmentStore store = await OpenAsync(), other = await OpenAsync();
        OwnedToken[] tokens = await Task.WhenAll(Enumerable.Range(0, 600).Select(i => OwnedToken.NewAsync(store, $"t{i:d3}")));
        await (await OwnedToken.LoadAsync(other, "t077")).TakeAsync(Bars(2));
        bool[] done = await Task.WhenAll(tokens.Select(async token =>
        {
            try
            {
                await token.TakeAsync(Bars(5));
                return true;
            }
            catch (StoreConflictException)
            {
                return false;
            }
        }));
        Assert.Equal("t077", Assert.Single(tokens.Where((_, i) => !done[i])).Id);
        Dictionary<string, TokenState> states = (await other.StatesAsync(Cancellation)).ToDictionary(state => state.Token);
        Assert.Equal(600, states.Count);
        Assert.All(tokens, token => Assert.Equal(
            token.Id == "t077" ? new(token.Id, 3, Start + 1) : new TokenState(token.Id, token.Revision, Start + 4), states[token.Id]));
    }

    [Fact]
    public async Task A_token_that_was_deleted_is_listed_nowhere_and_its_revision_is_kept()
    {
        ISegmentStore store = await OpenAsync(), other = await OpenAsync();
        TokenRegistration registration = new() { Symbol = "BTC", Name = "Bitcoin", Quote = "usd" };
        StoredKey key = await store.WriteAsync(new("btc", null, 0, 1, registration, TokenHistory.Empty, []));
        key = await store.WriteAsync(new("btc", key, 1, 2, registration with { Deleted = DateTimeOffset.UnixEpoch }, TokenHistory.Empty, []));

        Assert.Empty(await other.ListAsync(null, null, 10, Cancellation));
        Assert.Empty(await other.ListAsync("btc", null, 10, Cancellation));
        Assert.Equal(new TokenState("btc", 2, null) { IsDeleted = true }, Assert.Single(await other.StatesAsync(Cancellation)));
        Assert.Equal((2L, (DateTimeOffset?)DateTimeOffset.UnixEpoch), ((await other.LoadAsync("btc", Cancellation))!.Revision, (await other.LoadAsync("btc", Cancellation))!.Registration.Deleted));

        await store.WriteAsync(new("btc", key, 2, 3, registration, TokenHistory.Empty, []));
        Assert.Equal(["btc"], await other.ListAsync("bitc", null, 10, Cancellation));
        Assert.Equal(new TokenState("btc", 3, null), Assert.Single(await other.StatesAsync(Cancellation)));
    }

    [Fact]
    public async Task Tokens_are_listed_in_the_order_of_their_ids_and_found_by_id_symbol_and_name()
    {
        ISegmentStore store = await OpenAsync(), other = await OpenAsync();
        string[] ids = ["b", "a-b", "a.b", "a_b", "a", "ab", "1inch", "zz", "a0"];
        foreach (string id in ids)
        {
            await OwnedToken.NewAsync(store, id, name: id == "zz" ? "Sleeping Ægir" : "Name");
            Assert.Contains(id, await other.ListAsync(null, null, 100, Cancellation)); // at once, whoever wrote it
        }

        Assert.Equal(ids.Order(StringComparer.Ordinal), await store.ListAsync(null, null, 100, Cancellation));
        Assert.Equal(["a-b", "a.b", "a0"], await other.ListAsync(null, "a", 3, Cancellation));
        Assert.Equal(["a-b", "a.b", "a0", "a_b", "ab", "b", "zz"], await other.ListAsync("", "a", 30, Cancellation));
        Assert.Equal(["a-b"], await other.ListAsync(null, "a,", 1, Cancellation)); // behind one that is not there
        Assert.Equal(["zz"], await store.ListAsync("æGIR", null, 100, Cancellation));
        Assert.Equal(["1inch"], await store.ListAsync("INCH", null, 100, Cancellation));
        Assert.Equal(["1inch", "a", "a-b"], await store.ListAsync("NAME", null, 3, Cancellation));
        Assert.Empty(await store.ListAsync("nowhere", null, 3, Cancellation));

        OwnedToken renamed = await OwnedToken.LoadAsync(other, "b");
        await renamed.RenameAsync("Bee");
        Assert.Equal(["b"], await store.ListAsync("bee", null, 3, Cancellation));
        Assert.Equal("Bee", (await store.LoadAsync("b", Cancellation))!.Registration.Name);
    }

    [Fact]
    public async Task A_month_that_is_not_there_is_told_by_its_name()
    {
        ISegmentStore store = await OpenAsync();
        OwnedToken token = await OwnedToken.NewAsync(store, "btc");
        await token.TakeAsync(Bars(3_000));
        string message = (await Assert.ThrowsAsync<SegmentCorruptException>(async () => await store.ReadMonthAsync(token.Key, 12 * 54 - 1, Cancellation))).Message;
        Assert.Contains("2023-12 of btc", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_put_aside_come_back_newest_first()
    {
        ISegmentStore store = await OpenAsync();
        DateTimeOffset at = new(2026, 6, 15, 23, 59, 59, TimeSpan.Zero);
        DeadLetter[] letters = [.. Enumerable.Range(0, 7).Select(i => new DeadLetter(at.AddMilliseconds(i * 400), $"t{i}", "rate.zero", i == 3 ? new string('é', 50_000) : $"event {i}"))];
        foreach (DeadLetter letter in letters)
        {
            await store.WriteDeadLetterAsync(letter);
        }

        IReadOnlyList<DeadLetter> kept = await store.DeadLettersAsync(null, 100, Cancellation);
        Assert.Equal(letters.Reverse(), kept.Select(letter => letter with { Id = "" }));
        Assert.Equal(7, kept.Select(letter => letter.Id).Distinct().Count());
        ISegmentStore other = await OpenAsync();
        Assert.Equal(kept.Take(3), await other.DeadLettersAsync(null, 3, Cancellation));
        Assert.Equal(kept.Skip(3), await other.DeadLettersAsync(kept[2].Id, 100, Cancellation));
        Assert.Equal(kept[3], await other.DeadLetterAsync(kept[3].Id, Cancellation));

        await other.RemoveDeadLetterAsync(kept[0].Id);
        await other.RemoveDeadLetterAsync(kept[3].Id);
        await other.RemoveDeadLetterAsync("none-such");
        Assert.Null(await store.DeadLetterAsync(kept[3].Id, Cancellation));
        Assert.Equal([.. kept.Skip(1).Take(2), .. kept.Skip(4)], await store.DeadLettersAsync(null, 100, Cancellation));
        Assert.Equal(kept.Skip(4), await store.DeadLettersAsync(kept[3].Id, 100, Cancellation));

        await store.WriteDeadLetterAsync(letters[^1] with { At = at.AddSeconds(10) });
        Assert.DoesNotContain((await store.DeadLettersAsync(null, 1, Cancellation))[0].Id, kept.Select(letter => letter.Id)); // none is given twice
    }

    protected static Bar[] Bars(int count) => [.. Enumerable.Range(0, count).Select(i => new Bar(Start + i, 1m + i % 7))];

    // The domain takes rates without trailing zeros, as the check of every way in leaves them.
    private static Bar AsTaken(Bar bar)
    {
        Assert.Equal(BarDefect.None, BarCheck.Check(BarTime.OpenSeconds(bar.Slot), bar.Rate, DateTimeOffset.MaxValue, out Bar taken));
        return taken;
    }

    protected static async Task AssertCleanAsync(ISegmentStore store, OwnedToken token, IEnumerable<Bar> bars)
    {
        Bar[] all = [.. bars];
        HistoryChange clean = TokenHistory.Empty.With(all, default, SegmentSet.Empty, TokenHistory.Stagger(token.Id));
        StoredToken stored = await AssertSameAsync(store, token);
        Assert.Equal(all.Length, TokenHistory.Restore(stored.Months, stored.Tail, stored.Coverage).Life.Count);
        Assert.Equal(Hex(clean.History.Tail), Hex(stored.Tail));
        Assert.Equal(clean.Sealed.Select(month => month.Summary), stored.Months);
        foreach (SealedMonth month in clean.Sealed)
        {
            Assert.Equal(Hex(month.Segment), Hex(await store.ReadMonthAsync(stored.Key, month.Summary.Month, Cancellation)));
        }
    }

    /// <summary>Asserts that a store holds what an owner has written.</summary>
    private static async Task<StoredToken> AssertSameAsync(ISegmentStore store, OwnedToken token)
    {
        StoredToken stored = (await store.LoadAsync(token.Id, Cancellation))!;
        Assert.Equal((token.Id, token.Revision, token.Registration.Name), (stored.Key.Token, stored.Revision, stored.Registration.Name));
        Assert.Equal(Hex(token.History.Tail), Hex(stored.Tail));
        Assert.Equal(token.History.Months, stored.Months);
        Assert.Equal(token.History.Coverage.Ranges, stored.Coverage.Ranges);
        foreach (MonthSummary month in stored.Months)
        {
            Assert.Equal(Hex(await store.ReadMonthAsync(token.Key, month.Month, Cancellation)), Hex(await store.ReadMonthAsync(stored.Key, month.Month, Cancellation)));
        }

        return stored;
    }

    private static string Hex(Segment? segment) => segment is null ? "" : Convert.ToHexString(segment.Bytes.Span);
}
