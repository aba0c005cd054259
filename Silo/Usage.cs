using System.Reflection;

namespace Pnl.Silo;

/// <summary>What the program says of itself.</summary>
internal static class Usage
{
    public static string Version { get; } = typeof(Usage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static string Text { get; } =
        $"""
        Orleans.Pnl {Version}: profit and loss of crypto tokens, as an actor system.

        Without a command it serves, until it is ended by Ctrl+C or SIGTERM: the HTTP API and the page at --urls.

        Commands, each with the settings of the server that it is about:
          {RebuildCommand.Name,-10} makes the store anew of what was fetched
          {RestoreCommand.Name,-10} puts a backup in
          {CheckCommand.Name,-10} reads all that is stored and names what is damaged
          {NewEpochCommand.Name,-10} says that a store was put back by other means
          --help     prints this
          --version  prints the version

        Settings, such as:
          --urls http://localhost:8080      where HTTP listens
          --Pnl:DataDirectory=./data        what is kept
          --Pnl:Feed=simulated              where live rates come from; none, replay, binance, …
        All of them, with their defaults: the section Settings of README.md.
        They are read from appsettings.json, the environment (Pnl__DataDirectory) and the command line, the later ones first.
        """;
}
