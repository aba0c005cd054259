using System.Globalization;
using System.Text.Json;
using DuckDB.NET.Data;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Acceptance.Portfolios;

/// <summary>
/// 2,000 trades over six years of four real markets, some of them paid in bitcoin, against SQL that shares nothing with our
/// ledger: first in, first out there is the overlap of the ranges that purchases and sales take of the running totals.
/// </summary>
public sealed class RealLedgerTests
{
    private const int Trades = 2000;
    private static readonly string[] Tokens = ["btc", "eth", "ltc", "xrp"];
    private static readonly TimeSpan ToolLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Totals_of_2000_trades_equal_those_of_SQL_to_the_last_digit()
    {
        string[] files = [.. Tokens.Select(token => MarketData.Require("5m", "bitfinex", token.ToUpperInvariant() + "-USD.csv.gz"))];
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        (int code, string output) = await ProgramRun.ToEndAsync(Built.Tool, ToolLimit, ["import", .. files, "--server", silo.Http.BaseAddress!.ToString()]);
        Assert.True(code == 0, output);
        using Sql sql = new(files);
        List<Trade> trades = sql.Trades(Trades, seed: 7);
        sql.Load(trades);

        (await silo.Http.SendAsync(HttpMethod.Put, "/v1/portfolios/real", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();
        Trade[] shuffled = [.. trades];
        new Random(8).Shuffle(shuffled);
        // Purchases first: nothing may be sold before it is there.
        foreach (Trade[] batch in shuffled.OrderBy(trade => trade.Kind == "sell").Chunk(500))
        {
            string entries = string.Join(',', batch.Select(trade => string.Create(
                CultureInfo.InvariantCulture,
                $$"""{"id":"{{trade.Id}}","time":{{trade.Time}},"kind":"{{trade.Kind}}","token":"{{trade.Token}}","quantity":{{trade.Quantity}},"price":{{trade.Price}},"currency":"{{trade.Currency}}","fees":[{"amount":{{trade.Fee}},"currency":"usd"}]}""")));
            (await silo.Http.SendAsync(HttpMethod.Post, "/v1/portfolios/real/entries", Requests.Json($$"""{"entries":[{{entries}}]}"""))).Ok();
        }

        Answer pnl = (await silo.Http.GetAnswerAsync("/v1/portfolios/real/pnl")).Ok();
        Assert.True(pnl["complete"].GetBoolean(), pnl.Text);
        AssertEqual(sql.Totals(long.MaxValue), pnl.Json, "now");
        foreach (JsonElement position in pnl["positions"].EnumerateArray())
        {
            (Amount quantity, Amount value, Amount realised) = sql.Position(position.GetProperty("token").GetString()!, long.MaxValue);
            Assert.Equal((quantity, value, realised), (Money(position, "quantity"), Money(position, "marketValue"), Money(position, "realisedPnl")));
        }

        Answer series = (await silo.Http.GetAnswerAsync("/v1/portfolios/real/pnl/series?interval=1d")).Ok();
        long[] times = [.. series.Times().Select(time => time + 86_400)]; // when the days close, and are valued
        for (int i = 100; i < times.Length - 1; i += times.Length / 7)
        {
            Totals expected = sql.Totals(times[i]);
            AssertEqual(expected, (await silo.Http.GetAnswerAsync($"/v1/portfolios/real/pnl?at={times[i]}")).Ok().Json, $"at {times[i]}");
            Assert.Equal((expected.Value.ToDecimal(), expected.Realised.ToDecimal(), expected.Contributions.ToDecimal()), (series.Decimals("marketValue")[i], series.Decimals("realisedPnl")[i], series.Decimals("contributions")[i]));
        }
    }

    private static void AssertEqual(Totals expected, JsonElement actual, string what)
    {
        Totals found = new(Money(actual, "marketValue"), Money(actual, "realisedPnl"), Money(actual, "contributions"), Money(actual, "distributions"), Money(actual, "fees"));
        Assert.True(expected == found, $"{what}: {found}, by SQL {expected}");
        Assert.Equal(expected.Value + expected.Distributions - expected.Contributions - expected.Fees, Money(actual, "totalPnl"));
    }

    private static Amount Money(JsonElement of, string name) => Amount.Parse(of.GetProperty(name).GetRawText());

    private sealed record Trade(string Id, long Time, string Kind, string Token, decimal Quantity, decimal Price, string Currency, decimal Fee);

    private sealed record Totals(Amount Value, Amount Realised, Amount Contributions, Amount Distributions, Amount Fees);

    private sealed class Sql : IDisposable
    {
        private readonly DuckDBConnection _connection = new("DataSource=:memory:");

        public Sql(string[] files)
        {
            _connection.Open();
            Rows("SET threads = 2", _ => 0);
            string bars = string.Join(" UNION ALL ", files.Select((file, i) => $"""
                SELECT '{Tokens[i]}' AS token, CAST(open_time_unix_s AS BIGINT) + 300 AS known, CAST(close AS DECIMAL(18,8)) AS rate
                FROM read_csv('{file.Replace("'", "''", StringComparison.Ordinal)}', header = true, all_varchar = true)
                """));
            Rows("CREATE TABLE bars AS " + bars, _ => 0);
        }

        /// <summary>Trades at about the market of their time, never more sold than is held.</summary>
        public List<Trade> Trades(int count, int seed)
        {
            Random random = new(seed);
            (long from, long to) = Rows("SELECT min(known), max(known) FROM bars WHERE token = 'btc'", row => (row.GetInt64(0), row.GetInt64(1)))[0];
            long[] times = [.. Enumerable.Range(0, 2 * count).Select(_ => from + random.NextInt64(to - from)).Distinct().Order()];
            Rows($"CREATE TABLE moments AS SELECT unnest([{string.Join(',', times)}]) AS time", _ => 0);
            Dictionary<(string, long), decimal> rates = Tokens.SelectMany(token => Rows(
                $"SELECT time, rate FROM moments ASOF JOIN (SELECT * FROM bars WHERE token = '{token}') b ON moments.time >= b.known",
                row => (Key: (token, row.GetInt64(0)), Rate: row.GetDecimal(1)))).ToDictionary(row => row.Key, row => row.Rate);
            Dictionary<string, decimal> held = Tokens.ToDictionary(token => token, _ => 0m);
            List<Trade> trades = [];
            foreach (long time in times)
            {
                string token = Tokens[random.Next(Tokens.Length)];
                if (trades.Count == count || !rates.TryGetValue((token, time), out decimal rate))
                {
                    continue;
                }

                bool inBitcoin = token != "btc" && random.Next(3) == 0, sells = held[token] > 0m && random.Next(5) < 2;
                decimal quantity = sells ? Math.Round(held[token] * random.Next(1, 101) / 100m, 3, MidpointRounding.ToZero) : random.Next(1, 5000) / 1000m;
                decimal price = Math.Round((inBitcoin ? rate / rates[("btc", time)] : rate) * random.Next(98, 103) / 100m, 6);
                if (quantity == 0m || price == 0m)
                {
                    continue;
                }

                held[token] += sells ? -quantity : quantity;
                trades.Add(new($"t{trades.Count}", time, sells ? "sell" : "buy", token, quantity, price, inBitcoin ? "btc" : "usd", random.Next(1, 1000) / 100m));
            }

            Assert.Equal(count, trades.Count);
            return trades;
        }

        public void Load(List<Trade> trades)
        {
            string rows = string.Join(',', trades.Select(t => string.Create(
                CultureInfo.InvariantCulture, $"('{t.Id}',{t.Time},'{t.Kind}','{t.Token}',{t.Quantity}::DECIMAL(9,3),{t.Price}::DECIMAL(14,6),'{t.Currency}',{t.Fee}::DECIMAL(9,2))")));
            Rows($"""
                CREATE TABLE trades AS
                WITH given AS (SELECT * FROM (VALUES {rows}) v(id, time, kind, token, quantity, price, currency, fee)),
                priced AS (
                    SELECT given.*, CASE currency WHEN 'usd' THEN 1::DECIMAL(18,8) ELSE b.rate END AS conversion
                    FROM given ASOF LEFT JOIN (SELECT * FROM bars WHERE token = 'btc') b ON given.time >= b.known
                )
                SELECT *, (price * conversion)::DECIMAL(32,14) AS unit,
                       (sum(quantity) OVER (PARTITION BY token, kind ORDER BY time, id))::DECIMAL(18,3) AS upto
                FROM priced
                """, _ => 0);
        }

        public Totals Totals(long at) => Rows($"""
            SELECT
                (SELECT coalesce(sum(value), 0) FROM ({Values(at)})),
                (SELECT coalesce(sum(gain), 0) FROM ({Gains(at)})),
                (SELECT coalesce(sum((quantity * unit)::DECIMAL(38,17)), 0) FROM trades WHERE kind = 'buy' AND time <= {at}),
                (SELECT coalesce(sum((quantity * unit)::DECIMAL(38,17)), 0) FROM trades WHERE kind = 'sell' AND time <= {at}),
                (SELECT coalesce(sum(fee), 0) FROM trades WHERE time <= {at})
            """, row => new Totals(Digits(row, 0), Digits(row, 1), Digits(row, 2), Digits(row, 3), Digits(row, 4)))[0];

        public (Amount Quantity, Amount Value, Amount Realised) Position(string token, long at) => Rows($"""
            SELECT
                (SELECT quantity FROM ({Values(at)}) WHERE token = '{token}'),
                (SELECT value FROM ({Values(at)}) WHERE token = '{token}'),
                (SELECT coalesce(sum(gain), 0) FROM ({Gains(at)}) WHERE token = '{token}')
            """, row => (Digits(row, 0), Digits(row, 1), Digits(row, 2)))[0];

        public void Dispose() => _connection.Dispose();

        /// <summary>What is held of each token, at the rate as of then.</summary>
        private static string Values(long at) => $"""
            SELECT token, quantity, (quantity * rate)::DECIMAL(38,11) AS value
            FROM (SELECT token, sum(CASE kind WHEN 'buy' THEN quantity ELSE -quantity END)::DECIMAL(18,3) AS quantity FROM trades WHERE time <= {at} GROUP BY token)
            JOIN (SELECT token, arg_max(rate, known) AS rate FROM bars WHERE known <= {at} GROUP BY token) USING (token)
            """;

        /// <summary>Each sale against each purchase whose range of the running total it overlaps.</summary>
        private static string Gains(long at) => $"""
            SELECT s.token, (((least(b.upto, s.upto) - greatest(b.upto - b.quantity, s.upto - s.quantity))::DECIMAL(9,3)) * (s.unit - b.unit)::DECIMAL(29,14))::DECIMAL(38,17) AS gain
            FROM trades s JOIN trades b ON s.token = b.token AND s.kind = 'sell' AND b.kind = 'buy'
            WHERE s.time <= {at} AND b.time <= {at} AND b.upto > s.upto - s.quantity AND b.upto - b.quantity < s.upto
            """;

        private static Amount Digits(System.Data.Common.DbDataReader row, int column) => Amount.Parse(row.GetValue(column) switch
        {
            decimal money => money.ToString(CultureInfo.InvariantCulture),
            object other => Convert.ToString(other, CultureInfo.InvariantCulture)!,
        });

        private List<T> Rows<T>(string sql, Func<System.Data.Common.DbDataReader, T> read)
        {
            using DuckDBCommand command = _connection.CreateCommand();
#pragma warning disable CA2100 // only numbers and names of this class and the paths of files come here
            command.CommandText = sql;
#pragma warning restore CA2100
            using System.Data.Common.DbDataReader reader = command.ExecuteReader();
            List<T> rows = [];
            while (reader.Read())
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }
}
