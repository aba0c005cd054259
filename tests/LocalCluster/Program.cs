using System.ComponentModel;
using System.Globalization;
using Pnl.Tests.LocalCluster;
using Pnl.Tests.Shared;

// Brings the profile cluster up on this machine: Azurite, Event Hubs of the tests, silos and a gateway, until Ctrl+C.
//   dotnet run -c Release --project tests/LocalCluster [--silos 3] [--port 8080] [any setting of the silos, such as --Pnl:Feed=none]
int silos = 3, port = 8080;
List<string> settings = [];
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--silos" when i + 1 < args.Length:
            silos = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        case "--port" when i + 1 < args.Length:
            port = int.Parse(args[++i], CultureInfo.InvariantCulture);
            break;
        default:
            settings.Add(args[i]);
            break;
    }
}

using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
using System.Runtime.InteropServices.PosixSignalRegistration term = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM,
    signal =>
    {
        signal.Cancel = true;
        stop.Cancel();
    });
try
{
    Console.WriteLine("starting Azurite ...");
    await using AzuriteProcess azurite = await AzuriteProcess.StartAsync();
    List<Node> nodes = [];
    try
    {
        Node hub = await Node.StartHubAsync();
        nodes.Add(hub);
        string[] common =
        [
            "--Pnl:Profile=cluster", $"--Pnl:AzureStorage:ConnectionString={azurite.ConnectionString}", $"--Pnl:EventHubs:ConnectionString={hub.Address}", "--Pnl:DrainSeconds=0", .. settings,
        ];
        Console.WriteLine($"starting {silos} silos and a gateway ...");
        for (int i = 1; i <= silos; i++)
        {
            nodes.Add(Node.Start($"silo {i}", ["--urls", "http://127.0.0.1:0", .. common]));
        }

        nodes.Add(Node.Start("gateway", ["--urls", $"http://127.0.0.1:{port}", "--Pnl:Role=gateway", .. common]));
        await Task.WhenAll(nodes.Skip(1).Select(node => node.ReadyAsync(stop.Token)));
        foreach (Node node in nodes.Skip(1))
        {
            Console.WriteLine($"{node.Name,-8} {node.Address}   process {node.Id}{(node == nodes[^1] ? "   the API: ask here" : "   its dashboard: /dashboard")}");
        }

        Console.WriteLine($"hub      {hub.Address}   process {hub.Id}   publish to it with samples/Producer");
        Console.WriteLine($"storage  {azurite.ConnectionString}");
        Console.WriteLine("Ctrl+C ends all of it, and forgets what it kept. Kill a silo to see the others take over.");
        await Task.Delay(Timeout.Infinite, stop.Token);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        Console.WriteLine("ending ...");
    }
    finally
    {
        await Task.WhenAll(Enumerable.Reverse(nodes).Select(node => node.EndAsync()));
    }

    return 0;
}
catch (Exception e) when (e is InvalidOperationException or Win32Exception)
{
    await Console.Error.WriteLineAsync($"The cluster does not start: {e.Message}");
    return 1;
}
