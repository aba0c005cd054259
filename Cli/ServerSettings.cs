using System.ComponentModel;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli;

/// <summary>What all commands need to know: where the server is.</summary>
internal class ServerSettings : CommandSettings
{
    private const string Variable = "PNL_SERVER";
    private const string Default = "http://localhost:8080";

    [CommandOption("-s|--server <URL>")]
    [Description("Where the gateway answers. Default: $PNL_SERVER, or else http://localhost:8080.")]
    public string? Server { get; init; }

    /// <summary>The server's address; only after <see cref="Validate"/>.</summary>
    public Uri Address => new(Text, UriKind.Absolute);

    private string Text => Server ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : Default);

    public override ValidationResult Validate() =>
        Uri.TryCreate(Text, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https")
            ? ValidationResult.Success()
            : ValidationResult.Error($"'{Text}' is no address of a server: wanted one such as {Default}.");
}
