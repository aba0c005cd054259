using System.Text.RegularExpressions;
using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>The account of Azure Storage, for all that is kept there: landing, bars, portfolios, grain state, membership.</summary>
internal sealed partial record AzureStorageSettings
{
    private const string ConnectionString = "AzureStorage:ConnectionString", ServiceUri = "AzureStorage:ServiceUri", PrefixSetting = "AzureStorage:Prefix";

    public static readonly string[] Known = [ConnectionString, ServiceUri, PrefixSetting];

    /// <summary>What the names of tables, and of the container of grain state, begin with: clusters of different prefixes share an account.</summary>
    public required string Prefix { get; init; }

    public required BlobServiceClient Blobs { get; init; }

    public required TableServiceClient Tables { get; init; }

    /// <summary>Where the state of grains is kept.</summary>
    public BlobContainerClient States => Blobs.GetBlobContainerClient($"{Prefix}-state");

    /// <summary>The tables again, by connections of its own: whether a silo lives must not wait for its tokens.</summary>
    public required TableServiceClient Members { get; init; }

    /// <summary>Null if none is set.</summary>
    /// <param name="section">The section <c>Pnl</c>.</param>
    /// <param name="neededFor">The setting that asks for it, with its value; null if nothing does.</param>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static AzureStorageSettings? Read(IConfigurationSection section, string? neededFor)
    {
        (string? connection, string? service) = (section[ConnectionString], section[ServiceUri]);
        if (neededFor is null && !section.GetSection("AzureStorage").Exists())
        {
            return null;
        }

        if (string.IsNullOrEmpty(connection) == string.IsNullOrEmpty(service))
        {
            string why = neededFor is null ? "Azure Storage" : $"{PnlSettings.Section}:{neededFor}";
            throw new SettingsException(ConnectionString, connection is null ? null : "***", $"set for {why}, unless {PnlSettings.Section}:{ServiceUri} is: one of the two");
        }

        string prefix = section[PrefixSetting] is { Length: > 0 } given ? given : "pnl";
        if (!PrefixRule().IsMatch(prefix))
        {
            throw new SettingsException(PrefixSetting, prefix, "2 to 20 lower-case letters and digits, the first a letter");
        }

        return string.IsNullOrEmpty(service) ? ByConnection(connection!, prefix) : ByIdentity(service, prefix);
    }

    /// <summary>The account of the cluster that a command is for.</summary>
    /// <param name="args">The command's arguments, which are settings.</param>
    /// <param name="otherwise">What there is in its place where there is no cluster.</param>
    /// <exception cref="SettingsException">There is none, or a setting is not what it may be.</exception>
    public static AzureStorageSettings OfCommand(string[] args, string otherwise)
    {
        PnlSettings settings = PnlSettings.Read(new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory).AddJsonFile("appsettings.json", optional: true).AddEnvironmentVariables().AddCommandLine(args).Build());
        return settings.Profile == Profile.Cluster ? settings.AzureStorage! : throw new SettingsException("Profile", "local", $"cluster; {otherwise}");
    }

    private static AzureStorageSettings ByConnection(string connection, string prefix)
    {
        try
        {
            return new() { Prefix = prefix, Blobs = new(connection), Tables = NewTables(), Members = NewTables() };
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // Neither it nor what is said of it: there is a key in it.
            throw new SettingsException(ConnectionString, "***", "the connection string of a storage account");
        }

        TableServiceClient NewTables() => new(connection, AzureTables.Patient(new TableClientOptions()));
    }

    private static AzureStorageSettings ByIdentity(string service, string prefix)
    {
        if (!Uri.TryCreate(service, UriKind.Absolute, out Uri? blobs) || blobs is not { Scheme: "https", Query: "" } || !blobs.Host.Contains(".blob.", StringComparison.Ordinal))
        {
            throw new SettingsException(ServiceUri, service.Split('?')[0], "the https address of a storage account's blobs, such as https://account.blob.core.windows.net (its tables are beside); the identity is the machine's");
        }

        TokenCredential identity = new DefaultAzureCredential();
        Uri tables = new UriBuilder(blobs) { Host = blobs.Host.Replace(".blob.", ".table.", StringComparison.Ordinal) }.Uri;
        return new() { Prefix = prefix, Blobs = new(blobs, identity), Tables = NewTables(), Members = NewTables() };

        TableServiceClient NewTables() => new(tables, identity, AzureTables.Patient(new TableClientOptions()));
    }

    [GeneratedRegex("^[a-z][a-z0-9]{1,19}$")]
    private static partial Regex PrefixRule();
}
