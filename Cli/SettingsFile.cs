using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pnl.Cli;

/// <summary>What a user keeps of his server: <c>{"server": "https://…", "key": "pnl_…"}</c>.</summary>
/// <param name="Server">Where the gateway answers.</param>
/// <param name="Key">The API key.</param>
internal sealed record SettingsFile(string? Server, string? Key)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip };

    /// <summary>Where it is: <c>~/.config/pnl/settings.json</c>, under <c>$XDG_CONFIG_HOME</c> if that is set; on Windows <c>%APPDATA%\pnl\settings.json</c>.</summary>
    public static string Place => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "pnl", "settings.json");

    /// <summary>Reads it; nothing is set where there is none.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="warn">Told if others than its owner may read a key.</param>
    /// <exception cref="InvalidDataException">It cannot be read, or says something else.</exception>
    public static SettingsFile Read(string path, Action<string> warn)
    {
        if (!File.Exists(path))
        {
            return new(null, null);
        }

        SettingsFile? settings;
        try
        {
            settings = JsonSerializer.Deserialize<SettingsFile>(File.ReadAllText(path), Json);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path} cannot be read: {e.Message} Wanted: {{\"server\": \"http://localhost:8080\", \"key\": \"pnl_…\"}}, either of them or both.", e);
        }

        const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        if (settings?.Key is not null && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
        {
            warn($"Others may read the key in {path}: chmod 600 {path}");
        }

        return settings ?? new(null, null);
    }
}
