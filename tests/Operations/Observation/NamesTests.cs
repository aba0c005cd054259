using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Pnl.Gateway;
using Pnl.Grains;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Observation;

/// <summary>Dashboard and alerts ask for what there is.</summary>
public sealed partial class NamesTests
{
    private static string Rules => File.ReadAllText(Path.Combine(Repository.Root, "ops", "prometheus", "alerts.yml"));

    [Fact]
    public async Task Every_name_in_dashboard_and_alerts_is_one_that_is_exposed()
    {
        using DataFolder folder = new();
        using SiloProcess silo = await SiloProcess.StartAsync(folder);
        await silo.Http.RegisterAsync("asked");
        (await silo.Http.IngestAsync("asked", (1621427700, 2m))).Ok();
        (await silo.Http.GetAnswerAsync("/v1/tokens/asked/pnl")).Ok();
        HashSet<string> exposed = (await Scrape.OfAsync(silo.Http)).Names, defined = Defined();

        // What the code defines is called at /metrics as it is here.
        Assert.Empty(exposed.Where(name => name.StartsWith("pnl_", StringComparison.Ordinal)).Except(defined));
        string[] used = [.. Expressions().SelectMany(PromQl.Metrics).Distinct()];
        Assert.True(used.Length > 25, "the expressions were not read");
        Assert.Empty(used.Except(exposed).Except(defined));

        // And what is defined is shown, and told of.
        string readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "ops", "README.md"), TestContext.Current.CancellationToken);
        IEnumerable<string> own = defined.Where(name => !name.EndsWith("_sum", StringComparison.Ordinal)).Select(name => HistogramSuffix().Replace(name, "")).Distinct();
        Assert.All(own, name => Assert.Contains($"`{name}`", readme, StringComparison.Ordinal));
        Assert.Empty(own.Except(used.Select(name => HistogramSuffix().Replace(name, ""))));
    }

    [Theory]
    [InlineData("time() - max by (source) (pnl_a) > 900", "pnl_a")]
    [InlineData("histogram_quantile(0.99, sum by (le, x) (rate(b_bucket{r=~\"/v1/.*}\",c=\"d\"}[$__rate_interval]))) / 1e3", "b_bucket")]
    [InlineData("(sum(a) > 0) and on (x) (increase(b[30m]) == 0)", "a", "b")]
    public void What_counts_as_a_name(string expression, params string[] names) => Assert.Equal(names, PromQl.Metrics(expression));

    [Fact]
    public void Every_alert_has_a_runbook_and_a_case_and_no_runbook_is_left_over()
    {
        string cases = File.ReadAllText(Path.Combine(Repository.Root, "ops", "prometheus", "alerts.test.yml"));
        string[] alerts = [.. Alert().Matches(Rules).Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(alerts);
        foreach (string alert in alerts)
        {
            string runbook = File.ReadAllText(Path.Combine(Repository.Root, "docs", "runbooks", $"{alert}.md"));
            Assert.StartsWith($"# {alert}\n", runbook, StringComparison.Ordinal);
            Assert.Contains("\n## Look at\n", runbook, StringComparison.Ordinal);
            Assert.Contains("\n## Do\n", runbook, StringComparison.Ordinal);
            Assert.Contains($"runbook: docs/runbooks/{alert}.md", Rules, StringComparison.Ordinal);
            Assert.Matches($@"alertname: {alert}\n\s+exp_alerts:\n", cases); // one that fires
            Assert.Matches($@"alertname: {alert}, exp_alerts: \[\]|alertname: {alert}\n\s+exp_alerts: \[\]", cases); // one that does not
        }

        Assert.Equal(alerts.Order(), Directory.GetFiles(Path.Combine(Repository.Root, "docs", "runbooks")).Select(Path.GetFileNameWithoutExtension).Order());
    }

    [Theory]
    [InlineData("check", "alerts.yml")]
    [InlineData("test", "alerts.test.yml")]
    public async Task Prometheus_takes_the_rules_and_they_fire_when_they_should(string verb, string file)
    {
        string promtool = Environment.GetEnvironmentVariable("PROMTOOL") is { Length: > 0 } given ? given : "promtool";
        (int code, string output, string errors) = await Tool.RunAsync(promtool, Path.Combine(Repository.Root, "ops", "prometheus"), verb, "rules", file);
        Assert.True(code == 0, output + errors);
    }

    [Fact]
    public void The_panels_of_the_dashboard_do_not_lie_over_each_other()
    {
        using JsonDocument dashboard = Dashboard();
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];
        Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        HashSet<(int X, int Y)> taken = [];
        foreach (JsonElement place in panels.Select(panel => panel.GetProperty("gridPos")))
        {
            (int x, int y, int w, int h) = (place.GetProperty("x").GetInt32(), place.GetProperty("y").GetInt32(), place.GetProperty("w").GetInt32(), place.GetProperty("h").GetInt32());
            Assert.True(x >= 0 && x + w <= 24);
            Assert.All(Enumerable.Range(0, w * h), i => Assert.True(taken.Add((x + i % w, y + i / w))));
        }
    }

    private static JsonDocument Dashboard() => JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "ops", "grafana", "orleans-pnl.json")));

    private static List<string> Expressions()
    {
        using JsonDocument dashboard = Dashboard();
        return [
            .. Expression().Matches(Rules).Select(match => match.Groups[1].Value),
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString(),
        ];
    }

    /// <summary>The names at which Prometheus finds our own instruments.</summary>
    private static HashSet<string> Defined()
    {
        HashSet<string> names = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (!instrument.Meter.Name.StartsWith("Pnl.", StringComparison.Ordinal))
            {
                return;
            }

            string unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
            string name = instrument.Name.Replace('.', '_') + unit;
            if (instrument is Histogram<double>)
            {
                names.UnionWith([name + "_bucket", name + "_sum", name + "_count"]);
            }
            else
            {
                names.Add(instrument is Counter<long> ? name + "_total" : name);
            }
        };
        listener.Start();
        using ServiceProvider services = new ServiceCollection().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton(new PnlGatewayOptions())
            .AddSingleton<LiveTokens>().AddSingleton<PnlMeter>().AddSingleton<GatewayMeter>().AddSingleton<ListenerSlots>().BuildServiceProvider();
        services.GetRequiredService<PnlMeter>();
        services.GetRequiredService<ListenerSlots>();
        return names;
    }

    [GeneratedRegex(@"^      - alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Alert();

    [GeneratedRegex(@"^\s+expr: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex HistogramSuffix();
}
