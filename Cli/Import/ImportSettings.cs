using System.ComponentModel;
using Pnl.Rates;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Import;

internal sealed class ImportSettings : ServerSettings
{
    private const int MaxParallel = 32;

    [CommandArgument(0, "<PATH>")]
    [Description("Files <SYMBOL>-<QUOTE>.csv, .csv.gz or .parquet, ZIPs <SYMBOL><QUOTE>-<INTERVAL>-<YYYY-MM>.zip of an archive, or folders of them, at any depth.")]
    public string[] Paths { get; init; } = [];

    [CommandOption("-p|--parallel <FILES>")]
    [Description("How many files to send at a time.")]
    [DefaultValue(2)]
    public int Parallel { get; init; } = 2;

    [CommandOption("--id <TEMPLATE>")]
    [Description("Ids of the tokens, made of {symbol} and {quote}. Default: {symbol}.")]
    public string? Id { get; init; }

    [CommandOption("--interval <LENGTH>")]
    [Description("How long the candles are: 5m, 15m, 1h, 4h, 1d; or such as 1m, 3m, 30m, which are folded. By default the rows tell; where they do not, the file is refused.")]
    public string? Interval { get; init; }

    [CommandOption("--pair <PAIR>")]
    [Description("Whose rates the files are, <SYMBOL>-<QUOTE>, where their names do not say it.")]
    public string? Pair { get; init; }

    [CommandOption("--covers")]
    [Description("The files are whole: a bar that one lacks between its first and its last is absent at the source, and not missing. By default an import says nothing of what it does not have.")]
    public bool Covers { get; init; }

    [CommandOption("--strict")]
    [Description("Exit with 1 if any row was rejected or any file refused.")]
    public bool Strict { get; init; }

    /// <summary>The length of the candles in seconds; null to find it out.</summary>
    public int? CandleSeconds => Interval is not null && CandleLength.TryParse(Interval, out int seconds) ? seconds : null;

    public TokenIdTemplate Template => Id is null ? TokenIdTemplate.Default : new TokenIdTemplate(Id);

    public override ValidationResult Validate()
    {
        if (Parallel is < 1 or > MaxParallel)
        {
            return ValidationResult.Error($"--parallel {Parallel}: wanted 1 to {MaxParallel}.");
        }

        if (Interval is not null && (CandleSeconds is not { } seconds || CandleLength.Target(seconds) is null))
        {
            return ValidationResult.Error($"--interval {Interval}: wanted {BarPeriod.Names}, or such as 1m, 3m or 30m, of which one of them is made.");
        }

        if (Pair is not null && !RateFileName.TryParse(Pair + ".csv", out _, out string? reason))
        {
            return ValidationResult.Error($"--pair {Pair} {reason}.");
        }

        return Template.Defect() is { } defect ? ValidationResult.Error($"--id {defect}.") : base.Validate();
    }
}
