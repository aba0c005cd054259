using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.EventHubs;

/// <summary>Event Hubs for tests, as a process of its own on free ports of the loopback address; it can be killed and started again.</summary>
internal sealed partial class EventHubsProcess : IDisposable
{
    public const string Hub = "rates";

    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly string[] _arguments;
    private ProgramRun _run;
    private HttpClient _control;

    private EventHubsProcess(string[] arguments, (ProgramRun Run, string ConnectionString, Uri Control) started)
    {
        (_arguments, _run, ConnectionString) = (arguments, started.Run, started.ConnectionString);
        _control = new() { BaseAddress = started.Control };
    }

    /// <summary>Opens its hub "rates", also after it was started again.</summary>
    public string ConnectionString { get; }

    public static async Task<EventHubsProcess> StartAsync(int partitions, DataFolder? folder = null)
    {
        string[] arguments = ["--hub", $"{Hub}:{partitions}", .. folder is null ? Array.Empty<string>() : ["--folder", folder.Path]];
        return new(arguments, await LaunchAsync(arguments));
    }

    /// <summary>kill -9.</summary>
    public void Kill() => _run.Kill();

    /// <summary>Starts it again on the same port, with what its folder has.</summary>
    public async Task RestartAsync()
    {
        _run.Dispose();
        _control.Dispose();
        (_run, string connection, Uri control) = await LaunchAsync([.. _arguments, "--port", Port().Match(ConnectionString).Groups[1].Value]);
        _control = new() { BaseAddress = control };
        Assert.Equal(ConnectionString, connection);
    }

    /// <summary>Makes something go wrong; see ControlApi of the server.</summary>
    public async Task MakeAsync(string fault)
    {
        using HttpResponseMessage answer = await _control.PostAsync(new Uri("/" + fault, UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<JsonElement> StateAsync() => await _control.GetFromJsonAsync<JsonElement>("/state", TestContext.Current.CancellationToken);

    /// <summary>How many events it keeps.</summary>
    public async Task<long> EventsAsync() =>
        (await StateAsync()).GetProperty("partitions").EnumerateArray().Sum(partition => partition.GetProperty("last").GetInt64() + 1 - partition.GetProperty("first").GetInt64());

    public void Dispose()
    {
        _control.Dispose();
        _run.Dispose();
    }

    private static async Task<(ProgramRun Run, string ConnectionString, Uri Control)> LaunchAsync(string[] arguments)
    {
        TaskCompletionSource<string> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<Uri> controlled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ProgramRun run = ProgramRun.Start(Built.EventHubs, arguments, line =>
        {
            if (Line().Match(line) is not { Success: true } match)
            {
                return;
            }

            if (match.Groups[1].Value == "Control")
            {
                controlled.TrySetResult(new(match.Groups[2].Value));
            }
            else
            {
                listening.TrySetResult(match.Groups[2].Value);
            }
        });
        try
        {
            return (run, await listening.Task.WaitAsync(StartLimit), await controlled.Task.WaitAsync(StartLimit));
        }
        catch (TimeoutException e)
        {
            string output = run.Output;
            run.Dispose();
            throw new InvalidOperationException($"The Event Hubs server does not listen. It wrote:\n{output}", e);
        }
    }

    [GeneratedRegex(@"^(Event Hubs|Control): (\S+)$")]
    private static partial Regex Line();

    [GeneratedRegex(@":(\d+);")]
    private static partial Regex Port();
}
