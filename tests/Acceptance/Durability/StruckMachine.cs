using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Durability;

/// <summary>One silo over a file system of its own, callers that write bars and entries all the time, and what befalls it.</summary>
internal sealed class StruckMachine : IAsyncDisposable
{
    private const int Tokens = 4;
    private const string Portfolio = "struck";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DataFolder _parent = new();
    private readonly Random _random;
    private readonly bool _isMounted; // a file system that can be filled
    private readonly BarWriter[] _writers;
    private readonly List<string> _told = [], _entries = []; // entries: those that were acknowledged
    private readonly SemaphoreSlim _acknowledged = new(0), _refused = new(0);
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private SiloProcess _silo = null!;
    private string? _entryInFlight;
    private volatile bool _mayRefuse;

    private StruckMachine(int seed)
    {
        _random = new Random(seed);
        _isMounted = OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Run("mount", "-t", "tmpfs", "-o", "size=96m", "none", _parent.Path);
        _writers = [.. Enumerable.Range(0, Tokens).Select(i => new BarWriter(seed, i, 0, 1))];
    }

    /// <summary>What came of it, for the log.</summary>
    public string Outcome => $"{string.Join(", ", _told)}; {_writers.Sum(writer => writer.Acknowledged.Count)} bars and {_entries.Count} entries acknowledged";

    /// <summary>What the silo that runs now, or ran last, wrote.</summary>
    public string Output => _silo.Output;

    private string Folder => Path.Combine(_parent.Path, "data");

    private string Aside => Path.Combine(_parent.Path, "aside");

    public static async Task<StruckMachine> StartAsync(int seed)
    {
        StruckMachine machine = new(seed);
        try
        {
            await machine.StartSiloAsync();
            foreach (int i in Enumerable.Range(0, Tokens))
            {
                await machine._silo.Http.RegisterAsync(Token(i));
            }

            (await machine._silo.Http.SendAsync(HttpMethod.Put, $"/v1/portfolios/{Portfolio}", Requests.Json("""{"baseCurrency":"usd"}"""))).Ok();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Strikes so many times, as its seed says.</summary>
    public Task RunAsync(int blows) => RunAsync(blows, null);

    private async Task RunAsync(int blows, Func<Task>? only)
    {
        Task[] callers = [.. Enumerable.Range(0, Tokens).Select(WriteBarsAsync), WriteEntriesAsync()];
        Task firstFailure = Task.WhenAny(callers).Unwrap();
        try
        {
            for (int i = 0; i < blows; i++)
            {
                await OrFailureAsync(AcknowledgedAsync(_random.Next(10, 60)), firstFailure);
                await OrFailureAsync(StrikeAsync(only), firstFailure);
                await OrFailureAsync(AcknowledgedAsync(10), firstFailure);
            }
        }
        finally
        {
            await _end.CancelAsync();
            await Task.WhenAll(callers);
        }

        _silo.Kill();
        _silo.Dispose();
        await StartSiloAsync();
        await CheckAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _silo?.Dispose();
        if (_isMounted)
        {
            Assert.True(Run("umount", "-l", _parent.Path));
        }

        _parent.Dispose();
        _end.Dispose();
        _acknowledged.Dispose();
        _refused.Dispose();
    }

    /// <summary>Takes the descriptors away so many times.</summary>
    public Task RunOutOfDescriptorsAsync(int times) => RunAsync(times, TakeDescriptorsAsync);

    private async Task StrikeAsync(Func<Task>? only)
    {
        Func<Task>[] blows = only is not null ? [only] : [KillAsync, RemoveAsync, RemoveForGoodAsync, .. OperatingSystem.IsLinux() ? [TakeDescriptorsAsync] : (Func<Task>[])[], .. _isMounted ? [FillAsync] : (Func<Task>[])[]];
        Func<Task> blow = blows[_random.Next(blows.Length)];
        _mayRefuse = true;
        await blow();
        _mayRefuse = false;
    }

    private async Task KillAsync()
    {
        _told.Add("killed");
        await Task.Delay(_random.Next(0, 12), TestContext.Current.CancellationToken); // while bodies are read, while it writes, while it flushes
        _silo.Kill();
        _silo.Dispose();
        await StartSiloAsync();
    }

    /// <summary>The folder goes away and comes back.</summary>
    private async Task RemoveAsync()
    {
        _told.Add("folder away and back");
        Directory.Move(Folder, Aside);
        await RefusedAsync(3);
        await ReadyIsAsync(HttpStatusCode.ServiceUnavailable);
        Directory.Move(Aside, Folder);
        await ReadyIsAsync(HttpStatusCode.OK);
    }

    /// <summary>The folder goes away, and the silo is told to end meanwhile.</summary>
    private async Task RemoveForGoodAsync()
    {
        _told.Add("folder away at the end");
        Directory.Move(Folder, Aside);
        await RefusedAsync(3);
        Assert.Equal(1, await _silo.TerminateAsync(Patience));
        Assert.Contains("has ended, but not cleanly", _silo.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder), "a folder was made anew");
        Directory.Move(Aside, Folder);
        _silo.Dispose();
        await StartSiloAsync();
    }

    private async Task FillAsync()
    {
        _told.Add("disk full");
        string filler = Path.Combine(_parent.Path, "filler");
        await using (FileStream file = File.Create(filler))
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[64 << 10]);
                    file.Flush();
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }

        await RefusedAsync(3);
        await ReadyIsAsync(HttpStatusCode.ServiceUnavailable);
        File.Delete(filler);
        await ReadyIsAsync(HttpStatusCode.OK);
    }

    /// <summary>The process may open a few files more and no others, while connections come.</summary>
    private async Task TakeDescriptorsAsync()
    {
        _told.Add("no descriptors");
        Assert.True(OpenFiles.Limit(_silo.Id, OpenFiles.Of(_silo.Id) + _random.Next(1, 6)));
        List<TcpClient> clients = [];
        try
        {
            for (int i = 0; i < 16; i++)
            {
                TcpClient client = new();
                clients.Add(client);
                await client.ConnectAsync(_silo.Http.BaseAddress!.Host, _silo.Http.BaseAddress.Port); // the system takes it, if the process does not
            }

            await Task.Delay(_random.Next(0, 500), TestContext.Current.CancellationToken); // so long it goes on without any
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        Assert.False(_silo.HasExited, $"the silo has ended for want of descriptors. It wrote:\n{_silo.Output}");
        Assert.True(OpenFiles.Limit(_silo.Id, OpenFiles.Most(_silo.Id)));
        await ReadyIsAsync(HttpStatusCode.OK);
    }

    private async Task StartSiloAsync() => Volatile.Write(ref _silo!, await SiloProcess.StartAsync(_parent, "--Pnl:DataDirectory", Folder));

    private async Task WriteBarsAsync(int token)
    {
        BarWriter writer = _writers[token];
        await WriteAsync(() =>
        {
            IReadOnlyCollection<(long, decimal)> batch = writer.InFlight.Count > 0 ? [.. writer.InFlight.Select(bar => (bar.Key, bar.Value))] : writer.Next();
            return _silo.Http.IngestAsync(Token(token), batch);
        }, writer.Acknowledge);
    }

    private Task WriteEntriesAsync()
    {
        int number = 0;
        return WriteAsync(
            () =>
            {
                _entryInFlight ??= $"e{++number}";
                return _silo.Http.SendAsync(HttpMethod.Post, $"/v1/portfolios/{Portfolio}/entries", Requests.Json(
                    $$"""{"entries":[{"id":"{{_entryInFlight}}","time":"2024-01-21T00:00:00Z","kind":"buy","token":"{{Token(0)}}","quantity":{{number}},"price":1,"currency":"usd"}]}"""));
            },
            () =>
            {
                _entries.Add(_entryInFlight!);
                _entryInFlight = null;
            });
    }

    /// <summary>Sends until the end; what was not acknowledged is sent again.</summary>
    private async Task WriteAsync(Func<Task<Answer>> send, Action acknowledge)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                Answer answer = await send();
                if (answer.Status == HttpStatusCode.OK)
                {
                    acknowledge();
                    _acknowledged.Release();
                    continue;
                }

                Assert.True(_mayRefuse && answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests, $"{(int)answer.Status}: {answer.Text}");
            }
            catch (Exception e) when (e is HttpRequestException or ObjectDisposedException or OperationCanceledException && (_mayRefuse || _end.IsCancellationRequested))
            {
                // Nobody is there, or no longer.
            }

            _refused.Release();
            await Task.Delay(20, TestContext.Current.CancellationToken); // as a caller would
        }
    }

    private async Task CheckAsync()
    {
        foreach (int i in Enumerable.Range(0, Tokens))
        {
            Answer rates = (await _silo.Http.GetAnswerAsync($"/v1/tokens/{Token(i)}/rates")).Ok();
            Dictionary<long, decimal> held = rates.Times().Zip(rates.Decimals("close")).ToDictionary(bar => bar.First, bar => bar.Second);
            BarWriter writer = _writers[i];
            foreach ((long time, decimal rate) in writer.Acknowledged)
            {
                Assert.True(held.TryGetValue(time, out decimal found), $"the acknowledged bar {time} of {Token(i)} is lost: {Outcome}");
                Assert.True(found == rate || (writer.InFlight.TryGetValue(time, out decimal sent) && found == sent), $"the bar {time} of {Token(i)} is {found}; {rate} was acknowledged: {Outcome}");
            }

            Assert.All(held.Keys, time => Assert.True(writer.Acknowledged.ContainsKey(time) || writer.InFlight.ContainsKey(time), $"nobody sent {time}"));
        }

        HashSet<string> entries = [];
        string? cursor = null;
        do
        {
            Answer page = (await _silo.Http.GetAnswerAsync($"/v1/portfolios/{Portfolio}/entries?limit=1000{(cursor is null ? "" : "&cursor=" + Uri.EscapeDataString(cursor))}")).Ok();
            entries.UnionWith(page["items"].EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!));
            cursor = page.Json.TryGetProperty("next", out JsonElement next) ? next.GetString() : null;
        }
        while (cursor is not null);
        Assert.Empty(_entries.Except(entries));
        Assert.Empty(entries.Except([.. _entries, _entryInFlight ?? ""]));
    }

    private async Task ReadyIsAsync(HttpStatusCode status)
    {
        for (long began = Stopwatch.GetTimestamp(); ;)
        {
            string told;
            try
            {
                Answer answer = await _silo.Http.GetAnswerAsync("/health/ready");
                if (answer.Status == status)
                {
                    return;
                }

                told = answer.Text;
            }
            catch (HttpRequestException e)
            {
                told = e.Message;
            }

            Assert.False(_silo.HasExited, $"the silo has ended. It wrote:\n{_silo.Output}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"readiness is not {status} but {told}");
            await Task.Delay(50, TestContext.Current.CancellationToken); // readiness can only be asked for
        }
    }

    private Task AcknowledgedAsync(int calls) => CountAsync(_acknowledged, calls);

    private Task RefusedAsync(int calls) => CountAsync(_refused, calls);

    private static async Task CountAsync(SemaphoreSlim counter, int calls)
    {
        while (counter.Wait(0, CancellationToken.None))
        {
            // What was before does not count.
        }

        for (int i = 0; i < calls; i++)
        {
            Assert.True(await counter.WaitAsync(Patience, TestContext.Current.CancellationToken), "nothing comes any more");
        }
    }

    private static async Task OrFailureAsync(Task step, Task firstFailure)
    {
        await await Task.WhenAny(step, firstFailure);
        await step;
    }

    private static string Token(int i) => string.Create(CultureInfo.InvariantCulture, $"struck-{i}");

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
