using System.ComponentModel;
using System.Reflection;
using Spectre.Console.Cli;

namespace Pnl.Cli.CommandLine;

/// <summary>A positional argument of a command.</summary>
/// <param name="Name">As the help writes it, without brackets.</param>
/// <param name="Description">What it means.</param>
/// <param name="IsRequired">Whether the command does nothing without it.</param>
/// <param name="IsMany">Whether more than one may be given.</param>
internal sealed record CommandArgument(string Name, string Description, bool IsRequired, bool IsMany);

/// <summary>An option of a command.</summary>
/// <param name="Names">With their dashes, the short one first.</param>
/// <param name="Value">What its value is called; null for a flag.</param>
/// <param name="Description">What it means.</param>
/// <param name="IsRequired">Whether the command does nothing without it.</param>
/// <param name="IsMany">Whether it may be given more than once.</param>
/// <param name="Default">Its value where it is not given; null if there is none.</param>
internal sealed record CommandOption(string[] Names, string? Value, string Description, bool IsRequired, bool IsMany, string? Default)
{
    public string LongName => Names[^1];
}

/// <summary>A command: what is typed to run it, and what it takes. All of it is read from the attributes of its settings, so that help, checks, completion and documentation say the same.</summary>
/// <param name="Path">The words that name it, such as <c>portfolio</c> and <c>add</c>.</param>
/// <param name="Type">The class that runs it.</param>
/// <param name="Examples">What may be typed behind <c>pnl</c>, as a shell reads it.</param>
internal abstract record ToolCommand(string[] Path, Type Type, string[] Examples)
{
    private static readonly CommandOption Help = new(["-h", "--help"], null, "Prints help.", false, false, null);

    public string Name => string.Join(' ', Path);

    public string Description => Described(Type);

    public IReadOnlyList<CommandArgument> Arguments => [.. Properties<CommandArgumentAttribute>().OrderBy(found => found.Attribute.Position).Select(found => new CommandArgument(
        found.Attribute.ValueName, Described(found.Property), found.Attribute.IsRequired, found.Property.PropertyType.IsArray))];

    public IReadOnlyList<CommandOption> Options => [Help, .. Properties<CommandOptionAttribute>().Select(found => new CommandOption(
        [.. found.Attribute.ShortNames.Select(name => "-" + name), .. found.Attribute.LongNames.Select(name => "--" + name)],
        found.Property.PropertyType == typeof(bool) ? null : found.Attribute.ValueName, Described(found.Property), found.Attribute.IsRequired, found.Property.PropertyType.IsArray,
        found.Property.GetCustomAttribute<DefaultValueAttribute>()?.Value?.ToString()))];

    /// <summary>Registers it with the library that parses and runs commands.</summary>
    public abstract void AddTo(IConfigurator app);

    /// <inheritdoc cref="AddTo(IConfigurator)"/>
    public abstract void AddTo(IConfigurator<CommandSettings> branch);

    private IEnumerable<(PropertyInfo Property, TAttribute Attribute)> Properties<TAttribute>()
        where TAttribute : Attribute
    {
        Type? type = Type;
        while (type is not null && !type.IsGenericType)
        {
            type = type.BaseType; // Command<TSettings>, AsyncCommand<TSettings> or one of ours above them
        }

        return from property in type?.GetGenericArguments()[0].GetProperties() ?? []
               let attribute = property.GetCustomAttribute<TAttribute>()
               where attribute is not null
               select (property, attribute);
    }

    private static string Described(MemberInfo member) => (member.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "").Replace("[[", "[", StringComparison.Ordinal).Replace("]]", "]", StringComparison.Ordinal);
}

/// <inheritdoc cref="ToolCommand"/>
/// <typeparam name="TCommand">The class that runs it.</typeparam>
internal sealed record ToolCommand<TCommand>(string Words, params string[] Typed) : ToolCommand(Words.Split(' '), typeof(TCommand), Typed)
    where TCommand : class, ICommandLimiter<CommandSettings>
{
    public override void AddTo(IConfigurator app) => Exemplify(app.AddCommand<TCommand>(Path[^1]));

    public override void AddTo(IConfigurator<CommandSettings> branch) => Exemplify(branch.AddCommand<TCommand>(Path[^1]));

    private void Exemplify(ICommandConfigurator command)
    {
        foreach (string example in Examples)
        {
            command.WithExample(example);
        }
    }
}
