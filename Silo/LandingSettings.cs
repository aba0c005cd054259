using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Where fetched candles are landed: in the data folder, or in a container of Azure Blob Storage.</summary>
internal sealed partial record LandingSettings
{
    private const string Setting = "Landing", Container = "Landing:Blob:Container";

    public static readonly string[] Known = [Setting, Container];

    /// <summary>The folder, whose name is also what it is called; null if it is a container.</summary>
    public string? Folder { get; private init; }

    private BlobContainerClient? Blobs { get; init; }

    /// <summary>What to call it in front of a user.</summary>
    public string Place => Folder ?? Blobs!.Uri.GetLeftPart(UriPartial.Path);

    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static LandingSettings Read(IConfigurationSection section, Profile profile, string dataDirectory, AzureStorageSettings? storage)
    {
        string kind = Kind(section, profile);
        string? container = section[Container];
        if (kind == "folder")
        {
            return profile == Profile.Cluster ? throw new SettingsException(Setting, kind, $"blob, since {PnlSettings.Section}:Profile is cluster: silos share no folder")
                : section.GetSection("Landing:Blob").Exists()
                ? throw new SettingsException(Setting, kind, "blob, since Landing:Blob is set; or folder without that")
                : new() { Folder = Path.Combine(dataDirectory, "landing") };
        }

        container = string.IsNullOrEmpty(container) ? "landing" : container;
        if (!ContainerName().IsMatch(container))
        {
            throw new SettingsException(Container, container, "3 to 63 lower-case letters, digits and single hyphens between them");
        }

        return new() { Blobs = storage!.Blobs.GetBlobContainerClient(container) };
    }

    /// <summary>folder or blob.</summary>
    /// <exception cref="SettingsException">Neither.</exception>
    public static string Kind(IConfigurationSection section, Profile profile) => section[Setting] switch
    {
        null or "" => profile == Profile.Cluster ? "blob" : "folder",
        "folder" or "blob" => section[Setting]!,
        var other => throw new SettingsException(Setting, other, "folder or blob"),
    };

    /// <summary>The landing itself. A container that is not there is made.</summary>
    /// <exception cref="SettingsException">The container cannot be reached or made.</exception>
    public ILanding Open()
    {
        if (Blobs is null)
        {
            return new FolderLanding(Folder!);
        }

        try
        {
            Blobs.CreateIfNotExists();
            return new BlobLanding(Blobs);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException or AuthenticationFailedException)
        {
            throw new SettingsException(Container, Place, $"a container that can be reached and made ({e.Message.Split('\n')[0].Trim()})");
        }
    }

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ContainerName();
}
