using System.ComponentModel;
using Pnl.Cli.Output;
using Pnl.Client.Http;
using Spectre.Console;

namespace Pnl.Cli.Keys;

[Description("Lists the API keys that hold, oldest first.")]
internal sealed class ListKeysCommand(IAnsiConsole console) : DataCommand<DataSettings>(console)
{
    protected override async Task<int> RunAsync(IPnlHttpClient pnl, DataSettings settings, Screen screen, CancellationToken cancel)
    {
        screen.Show(new Sheet<ApiKeyDetails>(
            await pnl.ListKeysAsync(cancel), new("id", k => k.Id), new("name", k => k.Name), new("owner", k => k.Owner), new("scopes", k => string.Join(", ", k.Scopes), Wraps: true), new("made", k => k.CreatedAt)));
        return ExitCode.Ok;
    }
}
