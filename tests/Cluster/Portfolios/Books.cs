using Orleans.Hosting;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>A cluster with two tokens in dollars, one in euros and the euro itself, two days of bars each, and ledgers over them.</summary>
internal sealed class Books : IAsyncDisposable
{
    public const int Bars = 2 * BarTime.BarsPerDay;

    private readonly PnlCluster _cluster;

    private Books(PnlCluster cluster) => _cluster = cluster;

    public static DateTimeOffset Now => PnlCluster.Noon;

    /// <summary>The newest slot that holds a bar.</summary>
    public static int Last => BarTime.LastClosedSlot(Now);

    public static int First => Last - Bars + 1;

    public PnlCluster Cluster => _cluster;

    public IPnlClient Client => _cluster.Client;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<Books> OpenAsync(string? folder = null, Action<ISiloBuilder>? configure = null)
    {
        PnlCluster cluster = new() { Folder = folder, Configure = configure };
        await cluster.InitializeAsync();
        return new(cluster);
    }

    public static async Task<Books> WithRatesAsync(string? folder = null, Action<ISiloBuilder>? configure = null)
    {
        Books books = await OpenAsync(folder, configure);
        foreach ((string token, string quote, decimal rate) in ((string, string, decimal)[])[("btc", "usd", 50_000m), ("ltc", "usd", 80.5m), ("mona", "eur", 0.7m), ("eur", "usd", 1.1m)])
        {
            await books.Client.RegisterTokenAsync(token, new() { Quote = quote }, Cancellation);
            await books._cluster.IngestAsync(token, [.. Enumerable.Range(First, Bars).Select(slot => new Bar(slot, Rate(rate, slot)))]);
        }

        return books;
    }

    /// <summary>What the token trades at in a slot: its rate gone up and down a little.</summary>
    public static decimal Rate(decimal rate, int slot) => rate + rate * ((slot * 7) % 101 - 50) / 1000m;

    public Task PutAsync(string portfolio, CostBasis basis = CostBasis.Fifo, bool shorts = false, bool cash = false, string currency = "usd") =>
        Client.PutPortfolioAsync(portfolio, new() { BaseCurrency = currency, CostBasis = basis, AllowShorts = shorts, TrackCash = cash }, Cancellation);

    public Task<LedgerResult> PostAsync(string portfolio, params PortfolioEntry[] entries) => Client.PostEntriesAsync(portfolio, entries, Cancellation);

    public Task<PortfolioReport> PnlAsync(string portfolio, DateTimeOffset? at = null) => Client.GetPortfolioPnlAsync(portfolio, new(at), Cancellation);

    public static PortfolioEntry Trade(string id, EntryKind kind, string token, decimal quantity, decimal price, int slot, string currency = "usd", params EntryFee[] fees) => new()
    {
        Id = id,
        Time = BarTime.Close(slot).AddSeconds(1),
        Kind = kind,
        Token = token,
        Quantity = quantity,
        Price = price,
        Currency = currency,
        Fees = fees,
    };

    /// <summary>Trades of all three tokens at about the market, with fees in several currencies; for a portfolio that allows shorts.</summary>
    public static PortfolioEntry[] Ledger(int seed, int count)
    {
        Random random = new(seed);
        (string Token, string Currency, decimal Rate)[] tokens = [("btc", "usd", 50_000m), ("ltc", "usd", 80.5m), ("mona", "eur", 0.7m), ("btc", "eur", 45_000m)];
        return
        [
            .. Enumerable.Range(0, count).Select(i =>
            {
                (string token, string currency, decimal rate) = tokens[random.Next(tokens.Length)];
                EntryFee[] fees = random.Next(4) switch { 0 => [new(0.0001m, token)], 1 => [new(1.25m, currency), new(0.01m, "ltc")], _ => [] };
                return Trade($"e{i}", random.Next(2) == 0 ? EntryKind.Buy : EntryKind.Sell, token, random.Next(1, 500) / 100m, rate * random.Next(90, 110) / 100m, random.Next(First + 10, Last), currency, fees);
            }),
        ];
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
