using System.ComponentModel;
using System.Text;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.CommandLine;

internal sealed class CompletionSettings : CommandSettings
{
    [CommandArgument(0, "<SHELL>")]
    [Description("bash or zsh.")]
    public string Shell { get; init; } = "";

    public override ValidationResult Validate() => Shell is "bash" or "zsh" ? ValidationResult.Success() : ValidationResult.Error($"'{Shell}' is no shell that is known: wanted bash or zsh.");
}

[Description("Writes a script that completes commands and options. In ~/.bashrc: source <(pnl completion bash). In ~/.zshrc, behind compinit: source <(pnl completion zsh).")]
internal sealed class CompletionCommand(IAnsiConsole console) : Command<CompletionSettings>
{
    public override int Execute(CommandContext context, CompletionSettings settings, CancellationToken cancellationToken)
    {
        console.Profile.Out.Writer.Write(Script(settings.Shell));
        return ExitCode.Ok;
    }

    /// <summary>The script. zsh runs the one for bash, by its own bashcompinit.</summary>
    public static string Script(string shell)
    {
        StringBuilder script = new();
        script.Append(shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "");
        script.Append(
            """
            _pnl() {
              local current="${COMP_WORDS[COMP_CWORD]}" command="" words word
              for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                case "$command $word" in

            """.ReplaceLineEndings("\n"));
        foreach (string path in ToolCommands.All.Select(command => command.Name).Concat(ToolCommands.Branches.Keys).Order(StringComparer.Ordinal))
        {
            int last = path.LastIndexOf(' ');
            script.Append($"      '{(last < 0 ? "" : path[..last])} {path[(last + 1)..]}') command='{path}' ;;\n");
        }

        script.Append("    esac\n  done\n  case \"$command\" in\n");
        script.Append($"    '') words='{string.Join(' ', ToolCommands.All.Select(command => command.Path[0]).Distinct())} --help --version' ;;\n");
        foreach (string branch in ToolCommands.Branches.Keys)
        {
            script.Append($"    '{branch}') words='{string.Join(' ', ToolCommands.All.Where(command => command.Path[0] == branch).Select(command => command.Path[1]))} --help' ;;\n");
        }

        foreach (ToolCommand command in ToolCommands.All)
        {
            script.Append($"    '{command.Name}') words='{string.Join(' ', command.Options.Select(option => option.LongName))}{(command.Type == typeof(CompletionCommand) ? " bash zsh" : "")}' ;;\n");
        }

        script.Append(
            """
              esac
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -o default -F _pnl pnl

            """.ReplaceLineEndings("\n"));
        return script.ToString();
    }
}
