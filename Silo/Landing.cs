using Azure;
using Azure.Identity;
using Azure.Storage.Blobs;
using Pnl.Rates;

namespace Pnl.Silo;

/// <summary>Where fetched candles are landed: in the data folder, or in a container of Azure Blob Storage.</summary>
/// <param name="Folder">The folder, whose name is also what it is called; null if it is a container.</param>
/// <param name="Blobs">The container; null if it is a folder.</param>
internal sealed record Landing(string? Folder, BlobContainerClient? Blobs)
{
    /// <summary>What to call it in front of a user.</summary>
    public string Place => Folder ?? Blobs!.Uri.GetLeftPart(UriPartial.Path);

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
            throw new SettingsException(LandingSettings.Container, Place, $"a container that can be reached and made ({e.Message.Split('\n')[0].Trim()})");
        }
    }
}
