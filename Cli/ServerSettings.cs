using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli;

/// <summary>What all commands need to know: where the server is, and by which key it lets them in.</summary>
internal class ServerSettings : CommandSettings
{
    private const string Variable = "PNL_SERVER";
    private const string KeyVariable = "PNL_KEY";
    private const string Default = "http://localhost:8080";

    [CommandOption("-s|--server <URL>")]
    [Description("Where the gateway answers. Default: $PNL_SERVER, or else http://localhost:8080.")]
    public string? Server { get; init; }

    [CommandOption("-k|--key <KEY>")]
    [Description("The API key. Default: $PNL_KEY, which other users of this machine cannot see, as they can what is on a command line.")]
    public string? Key { get; init; }

    /// <summary>The server; only after <see cref="Validate"/>.</summary>
    public PnlServer Connect() => new(new(Text, UriKind.Absolute), key: Key ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } set ? set : null));

    private string Text => Server ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } set ? set : Default);

    public override ValidationResult Validate() =>
        Key is { } key && key.Any(c => c is <= ' ' or > '~')
            ? ValidationResult.Error("The key is none: it has spaces, or characters that are not ASCII.")
        : Uri.TryCreate(Text, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https")
            ? ValidationResult.Success()
            : ValidationResult.Error($"'{Text}' is no address of a server: wanted one such as {Default}.");
}
