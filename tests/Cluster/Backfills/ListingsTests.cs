using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>What becomes of a token's listings when its registration changes.</summary>
public sealed class ListingsTests
{
    private static readonly Listing Kept = new("kraken", "ADAUSD", "usd"), Fed = new("binance", "ADAUSDT", "usdt");

    private static readonly TokenRegistration Known = new()
    {
        Symbol = "ADA", Name = "Cardano", Quote = "usd", Sources = new Dictionary<string, string> { ["kraken"] = "ADAUSD" }, Listings = [Kept, Fed],
    };

    [Fact]
    public void They_stay_unless_others_are_named()
    {
        Assert.Equal([Kept, Fed], Known.ListingsAfter(new() { Name = "Ada" }));
        Assert.Equal([Fed], Known.ListingsAfter(new() { Listings = [Fed.Message()] }));
        Assert.Null(Known.ListingsAfter(new() { Listings = [] }));
        Assert.Null(((TokenRegistration?)null).ListingsAfter(new()));
    }

    [Fact]
    public void One_that_only_stood_for_a_symbol_goes_with_it_and_others_stay()
    {
        Assert.Equal([Fed], Known.ListingsAfter(new() { Sources = new() { ["kraken"] = "XADA" } }));
        Assert.Equal([Kept, Fed], Known.ListingsAfter(new() { Sources = new() { ["kraken"] = "ADAUSD", ["okx"] = "ADA-USD" } }));
        Assert.Equal([Fed], Known.ListingsAfter(new() { Sources = [] }));
    }

    [Fact]
    public void Two_registrations_are_the_same_only_if_their_order_is()
    {
        Assert.True(Known.IsSame(Known with { Listings = [Kept, Fed], Sources = new Dictionary<string, string> { ["kraken"] = "ADAUSD" } }));
        Assert.False(Known.IsSame(Known with { Listings = [Fed, Kept] }));
        Assert.False(Known.IsSame(Known with { Listings = null }));
    }

    [Fact]
    public void A_token_tells_all_of_them_in_order()
    {
        TokenRegistration registration = Known with { Sources = new Dictionary<string, string> { ["kraken"] = "ADAUSD", ["okx"] = "ADA-USD" } };

        Assert.Equal(
            [Kept.Message(), Fed.Message(), new TokenListing("okx", "ADA-USD", "usd")],
            TokenInfos.Of("ada", 1, registration, null, null, 0, 900, DateTimeOffset.UnixEpoch).Listings);
    }
}
