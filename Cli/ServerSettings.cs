using System.ComponentModel;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli;

/// <summary>What all commands that ask a server need to know: where it is, by which key it lets them in, and how long it is waited for.</summary>
internal class ServerSettings : CommandSettings
{
    private const string Default = "http://localhost:8080";

    private readonly Lazy<SettingsFile> _file = new(() => SettingsFile.Read(SettingsFile.Place, warning => Console.Error.WriteLine(warning)));

    [CommandOption("-s|--server <URL>")]
    [Description("Where the gateway answers. Without: $PNL_SERVER, then the settings file, then http://localhost:8080.")]
    public string? Server { get; init; }

    [CommandOption("-k|--key <KEY>")]
    [Description("The API key. Without: $PNL_KEY, then the settings file, if it names this server or none. What is on a command line other users of this machine can see.")]
    public string? Key { get; init; }

    [CommandOption("--wait <SECONDS>")]
    [Description("How long to wait for a server that does not answer yet.")]
    [DefaultValue(0)]
    public int Wait { get; init; }

    [CommandOption("--timeout <SECONDS>")]
    [Description("How long a call may take, and is made again while the server is busy.")]
    [DefaultValue(120)]
    public int Timeout { get; init; } = 120;

    /// <summary>The server; only after <see cref="Validate"/>.</summary>
    public Server Connect(bool keepsAnswers = false) => new(
        options =>
        {
            (options.Address, options.ApiKey, options.ReachWithin) = (new(Address, UriKind.Absolute), ApiKey, TimeSpan.FromSeconds(Wait));
            options.RetryFor = options.TryFor = TimeSpan.FromSeconds(Timeout);
        },
        keepsAnswers: keepsAnswers);

    private string Address => Server ?? Variable("PNL_SERVER") ?? _file.Value.Server ?? Default;

    // The key of the file is for the server of the file, and is shown to no other.
    private string? ApiKey => Key ?? Variable("PNL_KEY") ?? (_file.Value.Server is null || _file.Value.Server == Address ? _file.Value.Key : null);

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } set ? set : null;

    public override ValidationResult Validate()
    {
        try
        {
            return ApiKey is { } key && (key.Length == 0 || key.Any(c => c is <= ' ' or > '~'))
                ? ValidationResult.Error("The key is none: it is empty, or has spaces, or characters that are not ASCII.")
                : !(Uri.TryCreate(Address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https")
                ? ValidationResult.Error($"'{Address}' is no address of a server: wanted one such as {Default}.")
                : Wait is < 0 or > 3600 ? ValidationResult.Error($"--wait {Wait}: wanted 0 to 3600 seconds.")
                : Timeout is < 1 or > 3600 ? ValidationResult.Error($"--timeout {Timeout}: wanted 1 to 3600 seconds.")
                : ValidationResult.Success();
        }
        catch (InvalidDataException e)
        {
            return ValidationResult.Error(e.Message);
        }
    }

    /// <summary>Why a text is no time; success if it is one, or absent.</summary>
    protected static ValidationResult TimeCheck(string option, string? text) =>
        text is null || Utc.TryRead(text, out _) ? ValidationResult.Success()
        : ValidationResult.Error($"{option} '{text}' is no time: wanted RFC 3339 such as 2021-05-19T12:35:00Z, a date, or Unix seconds, not before 1970.");

    /// <summary>The first of them that is an error; else success.</summary>
    protected static ValidationResult FirstError(params ReadOnlySpan<ValidationResult> results)
    {
        foreach (ValidationResult result in results)
        {
            if (!result.Successful)
            {
                return result;
            }
        }

        return ValidationResult.Success();
    }
}
