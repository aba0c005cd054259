using System.Globalization;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Operations.Observation;

/// <summary>What a process answers Prometheus.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    private Scrape(string text)
    {
        foreach (string line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            Match sample = Sample().Match(line);
            Assert.True(sample.Success, line);
            _samples.Add((
                sample.Groups["name"].Value,
                Label().Matches(sample.Groups["labels"].Value).ToDictionary(label => label.Groups[1].Value, label => label.Groups[2].Value),
                double.Parse(sample.Groups["value"].Value.Replace("Inf", "Infinity", StringComparison.Ordinal), CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>The names of all samples.</summary>
    public HashSet<string> Names => [.. _samples.Select(sample => sample.Name)];

    public static async Task<Scrape> OfAsync(HttpClient http) =>
        new(await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken));

    /// <summary>The values of a name by one of its labels, of samples that have others as said.</summary>
    public Dictionary<string, double> By(string label, string name, params (string Label, string Value)[] where) =>
        Where(name, where).ToDictionary(sample => sample.Labels[label], sample => sample.Value);

    /// <summary>The sum of a name's values where labels are as said.</summary>
    public double Sum(string name, params (string Label, string Value)[] where) => Where(name, where).Sum(sample => sample.Value);

    private IEnumerable<(string Name, Dictionary<string, string> Labels, double Value)> Where(string name, (string Label, string Value)[] where) =>
        _samples.Where(sample => sample.Name == name && where.All(label => sample.Labels.GetValueOrDefault(label.Label) == label.Value));

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>([^"}]|"(\\.|[^"\\])*")*)\})? (?<value>\S+)( \d+)?$""")]
    private static partial Regex Sample();

    [GeneratedRegex("(\\w+)=\"((?:\\\\.|[^\"\\\\])*)\"")]
    private static partial Regex Label();
}
