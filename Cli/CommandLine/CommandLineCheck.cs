namespace Pnl.Cli.CommandLine;

/// <summary>
/// Reads a command line before anything is done by it: what no command takes is an error that names the nearest thing that is taken.
/// The library that parses commands lets options that it does not know pass.
/// </summary>
internal static class CommandLineCheck
{
    private const string Start = "start";

    /// <summary><c>backfill btc --source …</c> is short for <c>backfill start btc --source …</c>.</summary>
    public static string[] WithDefaults(string[] args) =>
        args is ["backfill", var next, ..] && !IsHelp(next) && !ToolCommands.All.Any(command => command.Path is ["backfill", var name] && name == next) ? ["backfill", Start, .. args[1..]] : args;

    /// <summary>What is wrong with a command line, as sentences; null if nothing is.</summary>
    /// <param name="args">What was typed behind <c>pnl</c>.</param>
    public static string? Defect(string[] args)
    {
        if (args.Length == 0 || IsHelp(args[0]) || args[0] is "-v" or "--version")
        {
            return args.Length > 1 ? $"'{args[1]}' is one argument too many: {args[0]} goes alone." : null;
        }

        string[] names = [.. ToolCommands.All.Select(command => command.Path[0]).Distinct()];
        if (!names.Contains(args[0]))
        {
            return args[0].StartsWith('-')
                ? $"{args[0]} is unknown here: the command comes first, such as: pnl show btc. All commands: pnl --help."
                : $"There is no command '{args[0]}'{Nearest(args[0], names)} All commands: pnl --help.";
        }

        if (!ToolCommands.Branches.ContainsKey(args[0]))
        {
            return Defect(ToolCommands.All.Single(command => command.Path is [var name] && name == args[0]), args.AsSpan(1));
        }

        ToolCommand[] within = [.. ToolCommands.All.Where(command => command.Path[0] == args[0])];
        return args.Length == 1 || IsHelp(args[1]) ? null
            : Array.Find(within, command => command.Path[1] == args[1]) is { } found ? Defect(found, args.AsSpan(2))
            : $"There is no command '{args[0]} {args[1]}'{Nearest(args[1], within.Select(command => command.Path[1]))} Its commands: {string.Join(", ", within.Select(command => command.Path[1]))}.";
    }

    private static string? Defect(ToolCommand command, ReadOnlySpan<string> args)
    {
        IReadOnlyList<CommandOption> options = command.Options;
        IReadOnlyList<CommandArgument> arguments = command.Arguments;
        HashSet<CommandOption> seen = [];
        int given = 0;
        for (int i = 0; i < args.Length; i++)
        {
            string arg = args[i];
            if (!IsOption(arg))
            {
                given++;
                if (given > arguments.Count && !arguments.Any(argument => argument.IsMany))
                {
                    return $"'{arg}' is one argument too many: pnl {command.Name} takes {(arguments.Count == 0 ? "none" : string.Join(' ', arguments.Select(argument => $"<{argument.Name}>")))}. A value with spaces stands in quotes.";
                }

                continue;
            }

            int equals = arg.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? arg : arg[..equals];
            if (options.FirstOrDefault(option => option.Names.Contains(name)) is not { } option)
            {
                return $"{name} is unknown{Nearest(name, options.SelectMany(known => known.Names).Where(known => known.StartsWith("--", StringComparison.Ordinal)))} All that it takes: pnl {command.Name} --help.";
            }

            if (!seen.Add(option) && !option.IsMany)
            {
                return $"{name} is given twice, and one value is wanted.";
            }

            if (option.Value is null)
            {
                if (equals >= 0 && !bool.TryParse(arg[(equals + 1)..], out _))
                {
                    return $"{name} takes no value: '{arg}'.";
                }
            }
            else if (equals < 0 && (++i == args.Length || IsOption(args[i])))
            {
                return $"{name} is without its value <{option.Value}>.{(i < args.Length ? $" One that begins with a dash is written {name}={args[i]}." : "")}";
            }
        }

        if (seen.Any(option => option.Names.Contains("--help")))
        {
            return null;
        }

        string missing = string.Join(", ", [
            .. arguments.Skip(given).Where(argument => argument.IsRequired).Select(argument => $"<{argument.Name}> ({Lower(argument.Description)})"),
            .. options.Where(option => option.IsRequired && !seen.Contains(option)).Select(option => $"{option.LongName} <{option.Value}> ({Lower(option.Description)})"),
        ]);
        return missing.Length == 0 ? null : $"pnl {command.Name} is without {missing}.";
    }

    // Negative numbers are values, not options. Behind -- there is nothing that a command takes: it is named as unknown.
    private static bool IsOption(string arg) => arg.Length > 1 && arg[0] == '-' && !char.IsAsciiDigit(arg[1]) && arg[1] != '.';

    private static bool IsHelp(string arg) => arg is "-h" or "--help" or "-?";

    private static string Lower(string sentence) => sentence.Length == 0 ? "" : char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.');

    /// <summary>The end of a sentence that says what there is not: a question for the nearest thing that there is, or a full stop.</summary>
    private static string Nearest(string text, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Distance: name.StartsWith(text, StringComparison.OrdinalIgnoreCase) || text.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? 1 : EditDistance.Of(text, name)))
            .OrderBy(found => found.Distance).FirstOrDefault() is { Name: { } nearest, Distance: var distance } && distance <= Math.Max(2, text.TrimStart('-').Length / 2) ? $"; did you mean {nearest}?" : ".";
}
