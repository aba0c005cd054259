using System.ComponentModel;
using Pnl.Cli.Server;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Pnl.Cli.Keys;

[Description("Lists the API keys that hold, oldest first.")]
internal sealed class ListKeysCommand(IAnsiConsole console) : AsyncCommand<ServerSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, ServerSettings settings, CancellationToken cancellationToken)
    {
        using PnlServer server = settings.Connect();
        Table table = new Table().Border(TableBorder.Rounded).AddColumns("id", "name", "owner", "scopes", "made");
        foreach (KeyAnswer key in (await server.KeysAsync(cancellationToken)).Items)
        {
            Text[] row = [new(key.Id), new(key.Name), new(key.Owner), new(string.Join(", ", key.Scopes)), new(Utc.Text(key.CreatedAt))];
            table.AddRow(row);
        }

        console.Write(table);
        return ExitCode.Ok;
    }
}
