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

    /// <summary>Whether all silos, of which there must be one, have said that they read what this one writes.</summary>
    public static bool AreReadByAll(IReadOnlyCollection<SiloAddress> active, ClusterManifest cluster) => active.Count > 0
        && active.All(silo => cluster.Silos.TryGetValue(silo, out GrainManifest? manifest) && manifest.Grains.Values.Any(Says));

    private static bool Says(GrainProperties grain) =>
        grain.Properties.TryGetValue(Property, out string? form) && int.TryParse(form, System.Globalization.CultureInfo.InvariantCulture, out int number) && number >= Form;

    /// <inheritdoc/>
    public void Populate(Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        if (grainClass == typeof(TokenGrain))
        {
            properties[Property] = Form.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
    }
}
