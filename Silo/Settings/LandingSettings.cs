namespace Pnl.Silo;

/// <summary>Where fetched candles are landed.</summary>
internal sealed class LandingSettings
{
    public const string Container = "Landing:Blob:Container";

    [Description("where fetched candles are kept as Parquet: `folder` (`landing` of the data folder) or `blob`"), DefaultValue("`folder`, in a cluster `blob`")] public Kind? Value { get; set; }
    public BlobSettings Blob { get; set; } = new();

    internal sealed class BlobSettings
    {
        [Description("for `blob`: the container of the account `Pnl:AzureStorage`, made if it is not there"), RegularExpression("^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "3 to 63 lower-case letters, digits and single hyphens between them")] public string Container { get; set; } = "landing";
    }

    internal enum Kind { Folder, Blob }
}
