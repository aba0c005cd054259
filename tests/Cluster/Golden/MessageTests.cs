using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Serialization;
using Pnl.Grains;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>Every message as earlier releases put it on the wire is read as they read it, and is written so that they can read it.</summary>
public sealed class MessageTests : IDisposable
{
    private const string Messages = "messages.json";

    private static readonly Type[] Types =
    [
        .. typeof(ITokenGrain).Assembly.GetExportedTypes()
            .Where(type => type.Namespace == typeof(ITokenGrain).Namespace && !type.IsInterface && !type.IsAbstract && !type.IsEnum && type.GetCustomAttribute<AliasAttribute>(inherit: false) is not null)
            .OrderBy(type => type.FullName, StringComparer.Ordinal),
    ];

    private static readonly JsonSerializerOptions Json = JsonOf(new(JsonSerializerDefaults.Web));

    private readonly ServiceProvider _services = new ServiceCollection().AddSerializer().BuildServiceProvider();

    public static TheoryData<string> Generations => GoldenFiles.GenerationsOf(Messages);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Serializer Serializer => _services.GetRequiredService<Serializer>();

    public void Dispose() => _services.Dispose();

    [Theory]
    [MemberData(nameof(Generations))]
    public async Task Every_message_of_then_is_read_as_it_was_written(string generation)
    {
        Dictionary<string, Type> types = Types.ToDictionary(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias);
        JsonObject messages = JsonNode.Parse(await File.ReadAllTextAsync(GoldenFiles.Path(generation, Messages), Cancellation))!.AsObject();
        Assert.NotEmpty(messages);
        foreach ((string alias, JsonNode? message) in messages.Where(message => generation != "1" || !EarlierShapes.Messages.Contains(message.Key)))
        {
            Assert.True(types.ContainsKey(alias), $"{alias} is a message no more");
            object? read = Serializer.Deserialize<object>(Convert.FromBase64String(message!["bytes"]!.GetValue<string>()));
            Assert.Equal(types[alias], read!.GetType());
            GoldenFiles.AssertHolds(message["read"]!.ToJsonString(), AnswerJson.Of(read));
        }
    }

    [Fact]
    public void Every_message_comes_back_as_it_was_sent() => Assert.All(Types, type =>
    {
        object sent = new Sample().Of(type);
        Assert.Equal(AnswerJson.Of(sent), AnswerJson.Of(Serializer.Deserialize<object>(Serializer.SerializeToArray(sent))!));
    });

    /// <summary>Answers are the messages, as the HTTP API writes them and the client over HTTP reads them.</summary>
    [Theory]
    [InlineData(typeof(TokenInfo)), InlineData(typeof(TokenPnl)), InlineData(typeof(TokenWindow)), InlineData(typeof(PnlSeries)), InlineData(typeof(RateCandles)), InlineData(typeof(TokenCoverage))]
    [InlineData(typeof(IngestResult)), InlineData(typeof(TokenRemoval)), InlineData(typeof(SetAsideRow)), InlineData(typeof(Leaderboard)), InlineData(typeof(BackfillStatus))]
    [InlineData(typeof(PortfolioInfo)), InlineData(typeof(PortfolioListing)), InlineData(typeof(PortfolioEntry)), InlineData(typeof(PortfolioReport)), InlineData(typeof(PortfolioSeries)), InlineData(typeof(LotsPage))]
    public void Every_answer_comes_back_from_JSON_and_from_Orleans_as_the_same(Type type)
    {
        object answer = new Sample(wholeSeconds: true).Of(type);
        string json = JsonSerializer.Serialize(answer, type, Json);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type, Json), type, Json));
        Assert.Equal(json, JsonSerializer.Serialize(Serializer.Deserialize<object>(Serializer.SerializeToArray(answer)), type, Json));
        Assert.DoesNotContain("null", json.Replace("\"nextCursor\":null", "", StringComparison.Ordinal), StringComparison.Ordinal); // every member of the sample is written and read
    }

    /// <summary>Columns of many runs, and money of more digits than a decimal has.</summary>
    [Fact]
    public void Long_columns_come_back_from_JSON()
    {
        Amount[] exact = [.. Enumerable.Range(0, 20_000).Select(i => Amount.Parse("0.12345678901234567890123456789") + i)];
        double?[] twr = [.. Enumerable.Range(0, 20_000).Select(i => i % 3 == 0 ? (double?)null : i / 7.0)];
        PortfolioSeries sent = new()
        {
            Portfolio = "p", BaseCurrency = "usd", Time = [.. Enumerable.Range(0, 20_000).Select(i => 1_621_427_700L + 300 * i)], MarketValue = MoneyColumn.Of(exact), Contributions = new([1.50m, 2m], null),
            Distributions = new(0), RealisedPnl = new(1), UnrealisedPnl = new(2), TotalPnl = new(3), Twr = twr, Statistics = new(null, 0.5, null, 1), NextCursor = "c",
        };
        string json = JsonSerializer.Serialize(sent, Json);
        PortfolioSeries read = JsonSerializer.Deserialize<PortfolioSeries>(json, Json)!;
        Assert.Equal(sent.Time, read.Time);
        Assert.Equal(exact, read.MarketValue.Exact);
        Assert.Equal(sent.Contributions.Nearest, read.Contributions.Nearest);
        Assert.Equal(twr, read.Twr);
        Assert.Equal("c", read.NextCursor);
        Assert.Contains("\"contributions\":[1.50,2],\"distributions\":[],\"realisedPnl\":[0]", json, StringComparison.Ordinal);
    }

    /// <summary>A command: see tests/Shared/Golden/README.md.</summary>
    [Fact(Explicit = true)]
    public async Task A_new_generation_is_written()
    {
        JsonObject messages = [];
        foreach (Type type in Types)
        {
            object message = new Sample().Of(type);
            messages[type.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias] = new JsonObject
            {
                ["bytes"] = Convert.ToBase64String(Serializer.SerializeToArray(message)), ["read"] = JsonNode.Parse(AnswerJson.Of(message)),
            };
        }

        await File.WriteAllTextAsync(GoldenFiles.NewPath(Messages), messages.ToJsonString().Replace("}},\"", "}},\n\"", StringComparison.Ordinal), Cancellation);
    }

    private static JsonSerializerOptions JsonOf(JsonSerializerOptions options)
    {
        PnlJson.AddTo(options);
        return options;
    }

    /// <summary>Makes messages in which no property has the value that it has by itself.</summary>
    private sealed class Sample(bool wholeSeconds = false)
    {
        private int _next = 6; // below it values might be those of a default

        public object Of(Type type)
        {
            _next++;
            return Nullable.GetUnderlyingType(type) is { } inner ? Of(inner)
                : type == typeof(string) ? $"text {_next}"
                : type == typeof(bool) ? true
                : type == typeof(int) ? _next
                : type == typeof(long) ? 10_000_000_000L + _next
                : type == typeof(double) ? _next + 0.5
                : type == typeof(decimal) ? _next + 0.123456789012345678901m
                : type == typeof(DateTimeOffset) ? new DateTimeOffset(2024, 2, 29, 12, _next % 60, 0, TimeSpan.Zero).AddTicks(wholeSeconds ? 0 : _next)
                : type == typeof(TimeSpan) ? TimeSpan.FromTicks(_next)
                : type == typeof(Amount) ? (Amount)(_next + 0.5m)
                : type == typeof(MoneyColumn) ? MoneyColumn.Of([_next + 0.25m, Amount.Parse("0.12345678901234567890123456789") + _next])
                : type.IsEnum ? Enum.GetValues(type).GetValue(1)!
                : type.IsArray ? Listed(type.GetElementType()!)
                : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlyMemory<>) ? Activator.CreateInstance(type, Listed(type.GetGenericArguments()[0]))!
                : type.IsGenericType && type.GetGenericArguments() is [var key, var value] && key == typeof(string) ? Mapped(value)
                : Message(type);
        }

        private Array Listed(Type element)
        {
            Array array = Array.CreateInstance(element, 2);
            array.SetValue(Of(element), 0);
            array.SetValue(Of(element), 1);
            return array;
        }

        private IDictionary Mapped(Type value)
        {
            IDictionary map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), value))!;
            map.Add("a key", Of(value));
            return map;
        }

        private object Message(Type type)
        {
            object message = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).OrderBy(property => property.Name, StringComparer.Ordinal))
            {
                property.SetValue(message, Of(property.PropertyType));
            }

            return message;
        }
    }
}
