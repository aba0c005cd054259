using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>The account of Azure Storage, for all that is kept there: landing, bars, portfolios, grain state, membership.</summary>
internal sealed record AzureStorage
{
    private const string ConnectionString = "AzureStorage:ConnectionString", ServiceUri = "AzureStorage:ServiceUri";

    /// <summary>What the names of tables, and of the container of grain state, begin with: clusters of different prefixes share an account.</summary>
    public required string Prefix { get; init; }

    public required BlobServiceClient Blobs { get; init; }

    public required TableServiceClient Tables { get; init; }

    /// <summary>Where the state of grains is kept.</summary>
    public BlobContainerClient States => Blobs.GetBlobContainerClient($"{Prefix}-state");

    /// <summary>The tables again, by connections of its own: whether a silo lives must not wait for its tokens.</summary>
    public required TableServiceClient Members { get; init; }

    /// <summary>The account that the settings name. It is not asked yet.</summary>
    /// <param name="settings">The section <c>AzureStorage</c>.</param>
    /// <param name="neededFor">The setting that asks for it, with its value; null if nothing does.</param>
    /// <exception cref="SettingsException">A setting is not what it may be, or lacks.</exception>
    public static AzureStorage Of(AzureStorageSettings settings, string? neededFor)
    {
        string why = neededFor is null ? "Azure Storage" : $"{PnlSettings.Section}:{neededFor}", otherwise = $"set for {why}, unless {PnlSettings.Section}:{ServiceUri} is: one of the two";
        SettingsException.ThrowIf((settings.ConnectionString is null) == (settings.ServiceUri is null), ConnectionString, settings.ConnectionString is null ? null : "***", otherwise);
        return settings.ServiceUri is { } service ? ByIdentity(service, settings.Prefix) : ByConnection(settings.ConnectionString!, settings.Prefix);
    }

    /// <summary>The account of the cluster that a command is for.</summary>
    /// <param name="args">The command's arguments, which are settings.</param>
    /// <param name="otherwise">What there is in its place where there is no cluster.</param>
    /// <exception cref="SettingsException">There is none, or a setting is not what it may be.</exception>
    public static AzureStorage OfCommand(string[] args, string otherwise)
    {
        PnlSettings settings = PnlSettings.OfCommand(args);
        return settings.Profile == Profile.Cluster ? settings.Storage! : throw new SettingsException("Profile", "local", $"cluster; {otherwise}");
    }

    private static AzureStorage ByConnection(string connection, string prefix)
    {
        try
        {
            return New(prefix, new(connection), options => new(connection, options));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // Neither it nor what is said of it: there is a key in it.
            throw new SettingsException(ConnectionString, "***", "the connection string of a storage account");
        }
    }

    private static AzureStorage ByIdentity(string service, string prefix)
    {
        if (!Uri.TryCreate(service, UriKind.Absolute, out Uri? blobs) || blobs is not { Scheme: "https", Query: "" } || !blobs.Host.Contains(".blob.", StringComparison.Ordinal))
        {
            throw new SettingsException(ServiceUri, service, "the https address of a storage account's blobs, such as https://account.blob.core.windows.net (its tables are beside); the identity is the machine's");
        }

        TokenCredential identity = new DefaultAzureCredential();
        Uri tables = new UriBuilder(blobs) { Host = blobs.Host.Replace(".blob.", ".table.", StringComparison.Ordinal) }.Uri;
        return New(prefix, new(blobs, identity), options => new(tables, identity, options));
    }

    private static AzureStorage New(string prefix, BlobServiceClient blobs, Func<TableClientOptions, TableServiceClient> tables) =>
        new() { Prefix = prefix, Blobs = blobs, Tables = tables(AzureTables.Patient(new TableClientOptions())), Members = tables(AzureTables.Patient(new TableClientOptions())) };
}
