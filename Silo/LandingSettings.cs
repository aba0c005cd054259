using System.Text.RegularExpressions;
using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Where fetched candles are landed: in the data folder, or in a container of Azure Blob Storage.</summary>
internal sealed partial record LandingSettings
{
    private const string Setting = "Landing", ConnectionString = "Landing:Blob:ConnectionString", ServiceUri = "Landing:Blob:ServiceUri", Container = "Landing:Blob:Container";

    public static readonly string[] Known = [Setting, ConnectionString, ServiceUri, Container];

    /// <summary>The folder, whose name is also what it is called; null if it is a container.</summary>
    private string? Folder { get; init; }

    private BlobContainerClient? Blobs { get; init; }

    /// <summary>What to call it in front of a user.</summary>
    public string Place => Folder ?? Blobs!.Uri.GetLeftPart(UriPartial.Path);

    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static LandingSettings Read(IConfigurationSection section, string dataDirectory)
    {
        string kind = section[Setting] is { Length: > 0 } given ? given : "folder";
        (string? connection, string? service, string? container) = (section[ConnectionString], section[ServiceUri], section[Container]);
        if (kind == "folder")
        {
            return section.GetSection("Landing:Blob").Exists()
                ? throw new SettingsException(Setting, kind, "blob, since Landing:Blob is set; or folder without that")
                : new() { Folder = Path.Combine(dataDirectory, "landing") };
        }

        if (kind != "blob")
        {
            throw new SettingsException(Setting, kind, "folder or blob");
        }

        container = string.IsNullOrEmpty(container) ? "landing" : container;
        if (!ContainerName().IsMatch(container))
        {
            throw new SettingsException(Container, container, "3 to 63 lower-case letters, digits and single hyphens between them");
        }

        if (string.IsNullOrEmpty(connection) == string.IsNullOrEmpty(service))
        {
            throw new SettingsException(ConnectionString, connection is null ? null : "***", $"set for a landing in blobs, unless {PnlSettings.Section}:{ServiceUri} is: one of the two");
        }

        return new() { Blobs = (string.IsNullOrEmpty(service) ? ByConnection(connection!) : ByIdentity(service)).GetBlobContainerClient(container) };
    }

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

    private static BlobServiceClient ByConnection(string connection)
    {
        try
        {
            return new(connection);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            // Neither it nor what is said of it: there is a key in it.
            throw new SettingsException(ConnectionString, "***", "the connection string of a storage account");
        }
    }

    private static BlobServiceClient ByIdentity(string service) =>
        Uri.TryCreate(service, UriKind.Absolute, out Uri? uri) && uri is { Scheme: "https", Query: "" }
            ? new(uri, new DefaultAzureCredential())
            : throw new SettingsException(ServiceUri, service.Split('?')[0], "the https address of a storage account's blobs, such as https://account.blob.core.windows.net; the identity is the machine's");

    [GeneratedRegex("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex ContainerName();
}
