namespace Pnl.Silo;

/// <summary>The account of Azure Storage.</summary>
internal sealed class AzureStorageSettings
{
    [Description("the account, by this or by `ServiceUri`: its connection string"), DataType(DataType.Password)] public string? ConnectionString { get; set; }
    [Description("the account: the https address of its blobs (its tables are beside), entered with the machine's identity")] public string? ServiceUri { get; set; }
    [Description("what the names of tables and of the container of grain state begin with: clusters of different prefixes share an account"), RegularExpression("^[a-z][a-z0-9]{1,19}$", ErrorMessage = "2 to 20 lower-case letters and digits, the first a letter")] public string Prefix { get; set; } = "pnl";
}
