using System.Data;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pnl.Tests.Unit.Architecture;

/// <summary>What docs/cost.md reckons follows from what it reckons with.</summary>
public sealed partial class CostPageTests
{
    [Fact]
    public void Every_result_of_the_page_follows_from_its_own_inputs()
    {
        Dictionary<string, double> known = [];
        int results = 0;
        foreach (string[] cells in File.ReadLines(Path.Combine(Repository.Root, "docs", "cost.md")).Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|', StringSplitOptions.TrimEntries)))
        {
            string name = cells[1].Trim('`');
            double value = double.Parse(cells[2].Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
            if (cells[3].StartsWith('='))
            {
                double computed = Compute(cells[3].TrimStart('=').Trim(' ', '`'), known);
                Assert.True(Math.Abs(value - computed) <= 0.005 * Math.Abs(computed) + 0.005, $"{name} is {value}, and {cells[3]} comes to {computed}");
                results++;
            }

            Assert.True(known.TryAdd(name, value), $"{name} is there twice");
        }

        Assert.True(results > 10, "no table of results is found any more");
    }

    private static double Compute(string formula, Dictionary<string, double> known)
    {
        using DataTable table = new() { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(Name().Replace(formula, name => known[name.Value].ToString("F12", CultureInfo.InvariantCulture)), null), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("[a-z][A-Za-z0-9]*")]
    private static partial Regex Name();
}
