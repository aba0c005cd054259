using Pnl.Rates;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Which life of a cluster's store it is, in Azure Tables, against Azurite.</summary>
public sealed class AzureIdentityTests(Azurite azurite) : IClassFixture<Azurite>
{
    [Fact]
    public async Task All_who_start_together_are_of_one_epoch_until_somebody_gives_it_a_new_one()
    {
        FaultyLine line = new();
        AzureTables tables = OwnTables.Of(azurite, OwnTables.NewPrefix(), line);
        line.LoseNextAnswers(2);
        StoreIdentity[] started = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => tables.IdentityAsync(inNewEpoch: false)));
        StoreIdentity first = Assert.Single(started.Distinct());

        StoreIdentity next = await tables.IdentityAsync(inNewEpoch: true);
        Assert.Equal(first.Id, next.Id);
        Assert.NotEqual(first.Epoch, next.Epoch);
        Assert.Equal(next, await tables.IdentityAsync(inNewEpoch: false));
    }
}
