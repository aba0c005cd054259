using System.Text.Json;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster;

/// <summary>Everything that can be asked of a token's bars, as text to compare.</summary>
internal static class Answers
{
    /// <summary>All answers, of the tokens' ids and revisions bare: equal for equal bars.</summary>
    public static Task<string> OfBarsAsync(IPnlClient client, string token) => OfAsync(client, token, bare: true);

    /// <summary>All answers with the revision.</summary>
    public static Task<string> OfAsync(IPnlClient client, string token) => OfAsync(client, token, bare: false);

    private static async Task<string> OfAsync(IPnlClient client, string token, bool bare)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        List<object> answers = [];
        TokenCoverage coverage = await client.GetCoverageAsync(token, 1000, cancellation);
        answers.Add(bare ? coverage with { Id = "", Name = "", Symbol = "", Revision = 0 } : coverage);
        TokenPnl pnl = await client.GetPnlAsync(token, cancellation);
        answers.Add(bare ? pnl with { Token = "", Revision = 0 } : pnl);
        DateTimeOffset first = coverage.FirstBar ?? default, last = coverage.LastBar ?? default;
        foreach ((double from, double to) in ((double, double)[])[(-0.1, 1.1), (0, 1), (0.1, 0.4), (0.33, 0.34), (0.5, 0.9), (0.7, 1)])
        {
            WindowQuery query = new(first + (last - first) * from, first + (last - first) * to, 1.5m);
            TokenWindow window = await client.GetWindowAsync(token, query, cancellation);
            answers.Add(bare ? window with { Token = "", Revision = 0 } : window);
        }

        SeriesQuery[] queries =
        [
            .. Enum.GetValues<Interval>().Select(interval => new SeriesQuery { Interval = interval }),
            new SeriesQuery { From = first + (last - first) * 0.2, To = first + (last - first) * 0.8, Limit = 37, Quantity = 3m },
            new SeriesQuery { MaxPoints = 50 },
        ];
        foreach (SeriesQuery query in queries)
        {
            PnlSeries series = await client.GetSeriesAsync(token, query, cancellation);
            answers.Add(bare ? series with { Token = "", Revision = 0 } : series);
            RateCandles candles = await client.GetRatesAsync(token, query, cancellation);
            answers.Add(bare ? candles with { Token = "", Revision = 0 } : candles);
        }

        return string.Join('\n', answers.Select(answer => JsonSerializer.Serialize(answer, answer.GetType())));
    }
}
