using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Pnl.Client;
using Pnl.Grains;

namespace Pnl.Tests.Cluster.Sdk;

/// <summary>What goes over the wire is named by aliases and numbers that never change, so that old and new processes understand each other.</summary>
public sealed class ContractTests
{
    private static readonly Type[] Types =
        [.. typeof(ITokenGrain).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(ITokenGrain).Namespace)];
    private static readonly Type[] GrainTypes = [.. Types.Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))];
    private static readonly Type[] Messages = [.. Types.Where(type => !type.IsInterface && !(type.IsAbstract && type.IsSealed))];

    private static readonly Type[] Described =
    [
        typeof(string), typeof(decimal), typeof(DateTimeOffset), typeof(TimeSpan), typeof(Interval), typeof(Measure), typeof(Amount), typeof(MoneyColumn), typeof(EntryKind), typeof(CostBasis), typeof(Dictionary<,>), typeof(IReadOnlyDictionary<,>),
        typeof(ReadOnlyMemory<>), typeof(Nullable<>), typeof(CancellationToken),
    ];

    [Fact]
    public void Every_grain_and_every_method_of_one_has_an_alias()
    {
        Assert.All(GrainTypes, type => Assert.NotNull(type.GetCustomAttribute<AliasAttribute>(inherit: false)));
        Assert.All(GrainTypes.SelectMany(type => type.GetMethods()), method => Assert.NotNull(method.GetCustomAttribute<AliasAttribute>(inherit: false)));
    }

    [Fact]
    public void Every_message_is_immutable_has_an_alias_of_its_own_and_a_number_on_every_property()
    {
        Assert.All(Messages, type => Assert.NotNull(type.GetCustomAttribute<GenerateSerializerAttribute>()));
        Assert.All(Messages, type => Assert.NotNull(type.GetCustomAttribute<AliasAttribute>(inherit: false)));
        Assert.All(Messages.Where(type => !type.IsEnum), type => Assert.NotNull(type.GetCustomAttribute<ImmutableAttribute>()));
        string[] aliases = [.. Messages.Concat(GrainTypes).Select(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias)];
        Assert.Equal(aliases.Distinct(), aliases);
        foreach (Type message in Messages)
        {
            Assert.All(Properties(message), property => Assert.NotNull(property.GetCustomAttribute<IdAttribute>()));
            uint[] ids = [.. Properties(message).Select(property => property.GetCustomAttribute<IdAttribute>()!.Id)];
            Assert.Equal(ids.Distinct(), ids);
        }
    }

    [Fact]
    public void Whatever_a_method_takes_or_gives_and_a_message_holds_is_a_message_or_plain()
    {
        IEnumerable<Type> used = GrainTypes.SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType))
            .Concat(Messages.SelectMany(Properties).Select(property => property.PropertyType));
        Assert.Empty(used.SelectMany(Parts).Where(type => !type.IsPrimitive && !Described.Contains(type) && !Messages.Contains(type)).Distinct());
    }

    [Fact]
    public void What_is_written_down_of_the_contract_still_holds()
    {
        // New lines may come, and are written down with the release; one that changes or goes breaks whoever still speaks it.
        string[] now = [.. GrainTypes.SelectMany(Lines).Concat(Messages.SelectMany(Lines)).Order(StringComparer.Ordinal)];
        using StreamReader reader = new(typeof(ContractTests).Assembly.GetManifestResourceStream("Contract.txt")!);
        string[] written = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(written);
        Assert.True(!written.Except(now).Any(), $"gone: {string.Join("; ", written.Except(now))}\nnow:\n{string.Join('\n', now)}");
    }

    [Fact]
    public void The_SDK_has_a_call_for_every_method_of_a_grain_that_answers()
    {
        string[] sdk = [.. typeof(IPnlClient).GetMethods().Select(method => method.Name)];
        string[] wanted =
        [
            "RegisterTokenAsync", "IngestAsync", "GetTokenAsync", "GetCoverageAsync", "GetPnlAsync", "GetWindowAsync", "GetSeriesAsync",
            "GetRatesAsync", "GetChangedFromAsync", "ListTokensAsync", "GetFeedProgressAsync", "GetLeaderboardAsync", "WatchPnlAsync",
            "PutPortfolioAsync", "GetPortfolioAsync", "PostEntriesAsync", "CorrectEntryAsync", "DeleteEntryAsync", "GetEntriesAsync", "GetPortfolioPnlAsync",
            "GetPortfolioSeriesAsync", "GetLotsAsync", "WatchPortfolioPnlAsync", "ListPortfoliosAsync", "DeletePortfolioAsync",
        ];
        Assert.Empty(wanted.Except(sdk));
    }

    private static IEnumerable<string> Lines(Type type)
    {
        string alias = type.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias;
        return type.IsEnum ? Enum.GetValues(type).Cast<Enum>().Select(value => $"{alias} = {value:d} {value}")
            : type.IsInterface ? type.GetMethods().Select(method =>
                $"{alias}.{method.GetCustomAttribute<AliasAttribute>(inherit: false)!.Alias}({string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType).Where(taken => taken != typeof(CancellationToken)).Select(Name))}) {Name(method.ReturnType)}")
            : Properties(type).Select(property => $"{alias} {property.GetCustomAttribute<IdAttribute>()!.Id:d2} {property.Name} {Name(property.PropertyType)}");
    }

    private static PropertyInfo[] Properties(Type type) => type.IsEnum ? [] :
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(property => property.CanWrite)];

    private static IEnumerable<Type> Parts(Type type) =>
        type == typeof(Task) ? []
        : type.IsArray ? Parts(type.GetElementType()!)
        : !type.IsGenericType ? [type]
        : type.GetGenericTypeDefinition() == typeof(Task<>) ? Parts(type.GetGenericArguments()[0])
        : type.GetGenericArguments().SelectMany(Parts).Prepend(type.GetGenericTypeDefinition());

    private static string Name(Type type) => type.IsArray ? Name(type.GetElementType()!) + "[]"
        : !type.IsGenericType ? type.Name
        : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
}
