using System.ComponentModel;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Import;

internal sealed class ImportSettings : ServerSettings
{
    private const int MaxParallel = 32;

    [CommandArgument(0, "<PATH>")]
    [Description("Files <SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet, or folders of them, at any depth.")]
    public string[] Paths { get; init; } = [];

    [CommandOption("-p|--parallel <FILES>")]
    [Description("How many files to send at a time.")]
    [DefaultValue(2)]
    public int Parallel { get; init; } = 2;

    [CommandOption("--id <TEMPLATE>")]
    [Description("Ids of the tokens, made of {symbol} and {quote}. Default: {symbol}.")]
    public string? Id { get; init; }

    [CommandOption("--strict")]
    [Description("Exit with 1 if any row was rejected or any file refused.")]
    public bool Strict { get; init; }

    public TokenIdTemplate Template => Id is null ? TokenIdTemplate.Default : new TokenIdTemplate(Id);

    public override ValidationResult Validate()
    {
        if (Parallel is < 1 or > MaxParallel)
        {
            return ValidationResult.Error($"--parallel {Parallel}: wanted 1 to {MaxParallel}.");
        }

        return Template.Defect() is { } defect ? ValidationResult.Error($"--id {defect}.") : base.Validate();
    }
}
