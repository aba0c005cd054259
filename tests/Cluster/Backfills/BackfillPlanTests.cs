using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>Which pairs of a source are fetched for a token, and as which of its listings.</summary>
public sealed class BackfillPlanTests
{
    private static readonly DateTimeOffset Renamed = new(2022, 5, 28, 0, 0, 0, TimeSpan.Zero);

    private static readonly SourcePair[] Pairs =
    [
        new("ADA-USD", "ada", "usd", Interval: Interval.Day), new("ADA-USD", "ada", "usd"), new("ADA-EUR", "ada", "eur"), new("ADA-USDT", "ada", "usdt"),
        new("LUNA-USDT", "luna", "usdt"), new("LUNC-USDT", "lunc", "usdt"), new("OLD-USD", "old", "usd", Interval: Interval.Day),
    ];

    [Fact]
    public void All_listings_of_the_source_are_fetched_in_their_order()
    {
        TokenListing[] listings = [new("files", "LUNC-USDT", "usdt", From: Renamed), new("coinbase", "LUNA-USD", "usd"), new("files", "LUNA-USDT", "usdt", To: Renamed)];
        PlannedToken planned = Plan().Of("terra", Token("terra", "usdt", [], listings));

        Assert.Equal([(listings[0], "LUNC-USDT", false), (listings[2], "LUNA-USDT", false)], planned.Pairs.Select(each => (each.Listing, each.Pair.Symbol, each.IsNew)));
        Assert.Null(planned.Failure);
    }

    [Fact]
    public void A_pair_in_another_quote_than_the_tokens_is_refused_with_the_way_out()
    {
        PlannedToken refused = Plan().Of("cardano", Token("cardano", "usd", new() { ["files"] = "ADA-EUR" }));
        Assert.Empty(refused.Pairs);
        Assert.Equal("quote.mismatch", refused.Failure?.Code);
        Assert.Contains("listings", refused.Failure!.Detail, StringComparison.Ordinal);

        // The way out: it is named with its quote.
        PlannedToken named = Plan().Of("cardano", Token("cardano", "usd", [], new TokenListing("files", "ADA-EUR", "eur")));
        Assert.Equal("eur", Assert.Single(named.Pairs).Pair.Quote);
        Assert.Null(named.Failure);
    }

    [Fact]
    public void A_listing_that_cannot_be_fetched_keeps_no_other_from_it()
    {
        PlannedToken planned = Plan().Of("cardano", Token("cardano", "usd", [], new("files", "ADA-EUR", "usd"), new("files", "ADA-USD", "usd"), new("files", "NONE", "usd")));

        Assert.Equal("ADA-USD", Assert.Single(planned.Pairs).Listing.Symbol);
        Assert.Equal("quote.mismatch", planned.Failure?.Code);
    }

    [Theory]
    [InlineData(Interval.Day, Interval.Day)]
    [InlineData(Interval.FiveMinutes, Interval.FiveMinutes)]
    [InlineData(Interval.Hour, null)] // of which the source has none
    public void A_listing_is_fetched_at_its_own_interval(Interval listed, Interval? fetched)
    {
        PlannedToken planned = Plan().Of("cardano", Token("cardano", "usd", [], new TokenListing("files", "ADA-USD", "usd", listed)));

        Assert.Equal(fetched, planned.Pairs.SingleOrDefault()?.Pair.Interval);
        Assert.Equal(fetched is null ? "interval.unsupported" : null, planned.Failure?.Code);
        Assert.Equal(Interval.Hour, Assert.Single(Plan(Interval.Hour).Of("cardano", Token("cardano", "usd", [], new TokenListing("files", "ADA-USD", "usd", Interval.Hour))).Pairs).Pair.Interval);
    }

    [Fact]
    public void A_symbol_alone_means_the_interval_that_the_source_has_of_it()
    {
        ListedPair daily = Assert.Single(Plan().Of("ancient", Token("ancient", "usd", new() { ["files"] = "OLD-USD" })).Pairs);

        Assert.Equal((new TokenListing("files", "OLD-USD", "usd", Interval.Day), true), (daily.Listing, daily.IsNew));
    }

    [Fact]
    public void A_token_that_lists_nothing_of_the_source_gets_the_pair_of_its_id_in_its_quote()
    {
        Assert.Equal(["eur"], Plan().Of("ada", Token("ada", "eur", [])).Pairs.Select(each => each.Listing.Quote));
        Assert.Equal([Interval.FiveMinutes, Interval.Day], Plan().Of("ada", null).Pairs.Select(each => each.Listing.Interval)); // dollars come first
        Assert.All(Plan().Of("ada", null).Pairs, each => Assert.True(each is { IsNew: true, Listing.Quote: "usd" }));

        BackfillFailure none = Plan().Of("ada", Token("ada", "gbp", [])).Failure!;
        Assert.Equal("symbol.unknown", none.Code);
        Assert.Contains("eur, usd, usdt", none.Detail, StringComparison.Ordinal);
        Assert.Equal("symbol.unknown", Plan().Of("nobody", null).Failure?.Code);
    }

    [Fact]
    public void A_token_of_an_earlier_release_tells_its_sources_alone()
    {
        TokenInfo old = Token("cardano", "usdt", new() { ["files"] = "ADA-USDT" }) with { Listings = [] };

        Assert.Equal((new TokenListing("files", "ADA-USDT", "usdt"), false), Plan().Of("cardano", old).Pairs.Select(each => (each.Listing, each.IsNew)).Single());
    }

    private static BackfillPlan Plan(params Interval[] gives) => new(new Source(gives), Pairs);

    private static TokenInfo Token(string id, string quote, Dictionary<string, string> sources, params TokenListing[] listings)
    {
        TokenRegistration registration = new() { Symbol = id, Name = id, Quote = quote, Sources = sources, Listings = [.. listings.Select(each => each.Listing())] };
        return TokenInfos.Of(id, 1, registration, null, null, 0, 900, Renamed);
    }

    private sealed class Source(Interval[] gives) : ICandleSource
    {
        public string Name => "files";

        public SourceLimits Limits { get; } = new(1000, int.MaxValue, TimeSpan.FromMinutes(1));

        public bool Gives(Interval interval) => gives.Contains(interval);

        public ValueTask<IReadOnlyList<SourcePair>> ListAsync(CancellationToken cancellation) => new(Pairs);

        public ValueTask<CandlePage> ReadAsync(SourcePair pair, SlotRange range, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<LatestRate>> LatestAsync(IReadOnlyList<SourcePair> pairs, CancellationToken cancellation) => throw new NotSupportedException();
    }
}
