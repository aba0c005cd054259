using System.Text.Json;
using System.Text.Json.Serialization;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Portfolios;

/// <summary>Everything that can be asked of a portfolio, as text to compare.</summary>
internal static class PortfolioText
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new Digits() } };

    /// <summary>All answers, of the id and the revision bare: equal for equal ledgers and equal rates.</summary>
    public static async Task<string> OfAsync(IPnlClient client, string portfolio)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        List<object> answers = [(await client.GetPortfolioAsync(portfolio, cancellation)) with { Id = "", Revision = 0 }];
        EntriesPage entries = await client.GetEntriesAsync(portfolio, cancellation: cancellation);
        answers.Add(entries with { Revision = 0 });
        foreach (CostBasis basis in Enum.GetValues<CostBasis>())
        {
            answers.Add((await client.GetPortfolioPnlAsync(portfolio, new(CostBasis: basis), cancellation)) with { Portfolio = "", Revision = 0 });
        }

        foreach (PortfolioEntry entry in entries.Items.Where((_, i) => i % 5 == 0))
        {
            answers.Add((await client.GetPortfolioPnlAsync(portfolio, new(entry.Time), cancellation)) with { Portfolio = "", Revision = 0 });
        }

        foreach (Interval interval in (Interval[])[Interval.Hour, Interval.Day])
        {
            answers.Add((await client.GetPortfolioSeriesAsync(portfolio, new() { Interval = interval }, cancellation)) with { Portfolio = "", Revision = 0 });
        }

        answers.Add((await client.GetLotsAsync(portfolio, new(), cancellation)) with { Portfolio = "", Revision = 0 });
        return string.Join('\n', answers.Select(Of));
    }

    /// <summary>An answer with all its digits.</summary>
    public static string Of(object answer) => JsonSerializer.Serialize(answer, answer.GetType(), Json);

    private sealed class Digits : JsonConverter<Amount>
    {
        public override Amount Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Amount value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToString());
    }
}
