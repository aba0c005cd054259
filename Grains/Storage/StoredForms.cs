using Orleans.Metadata;
using Orleans.Runtime;

namespace Pnl.Grains;

/// <summary>
/// Tells the cluster which forms of stored bars a silo reads: a silo of an earlier release says less, or nothing.
/// </summary>
internal sealed class StoredForms : IGrainPropertiesProvider
{
    private const string Property = "pnl-stored-form";
    private const int Form = MonthSummary.CurrentVersion;

    /// <summary>Whether every silo reads what this one writes.</summary>
    public static bool AreReadByAll(ClusterManifest cluster) => cluster.Silos.Values.All(silo =>
        silo.Grains.Values.Any(grain => grain.Properties.TryGetValue(Property, out string? form) && int.TryParse(form, out int number) && number >= Form));

    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainClass == typeof(TokenGrain))
        {
            properties[Property] = Form.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
