using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Pnl.Grains;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.DeadLetters;

internal sealed class ListDeadLettersSettings : DataSettings
{
    [CommandOption("--limit <NUMBER>")]
    [Description("The most to show, 1 to 1000.")]
    [DefaultValue(100)]
    public int Limit { get; init; } = 100;

    public override ValidationResult Validate() => Limit is < 1 or > 1000 ? ValidationResult.Error("--limit is 1 to 1000.") : base.Validate();
}

[Description("Lists events that could not be taken, newest first.")]
internal sealed class ListDeadLettersCommand(IAnsiConsole console) : DataCommand<ListDeadLettersSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, ListDeadLettersSettings settings, Screen screen, CancellationToken cancel)
    {
        screen.Show(new Sheet<DeadLetterInfo>(
            await pnl.ListDeadLettersAsync(null, settings.Limit, cancel),
            new("id", letter => letter.Id), new("put aside", letter => letter.At), new("token", letter => letter.Token), new("reason", letter => letter.Reason),
            new("event", letter => letter.Payload, Wraps: true)));
        return ExitCode.Ok;
    }
}

internal sealed class ReplayDeadLetterSettings : DataSettings
{
    [CommandArgument(0, "<ID>")]
    [Description("The id that deadletters list shows.")]
    public string Id { get; init; } = "";

    protected override bool HasRows => false;
}

[Description("Hands an event that was put aside to its token again, once its reason is gone.")]
internal sealed class ReplayDeadLetterCommand(IAnsiConsole console) : DataCommand<ReplayDeadLetterSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, ReplayDeadLetterSettings settings, Screen screen, CancellationToken cancel)
    {
        switch (await pnl.ReplayDeadLetterAsync(settings.Id, cancel))
        {
            case null:
                screen.Say($"There is no dead letter {settings.Id}: it was taken, or is one of the oldest that are not kept.");
                return ExitCode.Rejected;
            case { Reason: { } reason, Letter: var letter }:
                screen.Say($"{letter.Token} does not take it: {reason}. It is kept.");
                return ExitCode.Rejected;
            case { Letter: var letter }:
                screen.Say($"taken: {letter.Payload} of {letter.Token}");
                return ExitCode.Ok;
        }
    }
}
