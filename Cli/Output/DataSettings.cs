using System.ComponentModel;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Output;

/// <summary>Of a command that tells what the server answered.</summary>
internal class DataSettings : ServerSettings
{
    [CommandOption("-o|--output <FORMAT>")]
    [Description("table, json (what the API answers) or csv (the table's rows, with a header).")]
    [DefaultValue("table")]
    public string Output { get; init; } = "table";

    /// <summary>Whether there are rows to be written as CSV.</summary>
    protected virtual bool HasRows => true;

    public OutputFormat Format => Output switch { "json" => OutputFormat.Json, "csv" => OutputFormat.Csv, _ => OutputFormat.Table };

    public override ValidationResult Validate() =>
        Output is not ("table" or "json" or "csv") ? ValidationResult.Error($"--output {Output}: wanted table, json or csv.")
        : Output is "csv" && !HasRows ? ValidationResult.Error("--output csv: what this command answers is no table; wanted table or json.")
        : base.Validate();
}
