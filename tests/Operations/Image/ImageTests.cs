using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pnl.Tests.Acceptance.Programs;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Image;

/// <summary>
/// What the Dockerfile would run: there is no engine of containers here, so its publish and its entry point are carried out
/// as a user who may nothing, with the root of the file system read-only and the data folder alone writable.
/// </summary>
public sealed partial class ImageTests
{
    private const string User = "1654"; // APP_UID of .NET's images, and runAsUser of the manifests

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string[] Dockerfile { get; } = File.ReadAllLines(Path.Combine(Repository.Root, "Dockerfile"));

    [Fact]
    public async Task The_published_program_keeps_and_answers_as_nobody_over_a_read_only_root()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "only root of a Linux may become another user and mount a root read-only");
        using DataFolder folder = new();
        (string app, string data) = (Path.Combine(folder.Path, "app"), Path.Combine(folder.Path, "data"));
        await PublishAsync(app);
        Directory.CreateDirectory(data);
        Assert.Equal(0, (await Tool.RunAsync("chmod", folder.Path, "755", folder.Path, app)).Code);
        Assert.Equal(0, (await Tool.RunAsync("chown", folder.Path, $"{User}:{User}", data)).Code);
        (int code, _, string refused) = await Tool.RunAsync("unshare", folder.Path, "--mount", "true");
        Assert.SkipUnless(code == 0, $"no mounts of its own: {refused}");

        // What it cannot do shows that the root is what it is said to be.
        (code, _, refused) = await Tool.RunAsync("unshare", folder.Path, [.. Confined(data), "touch", Path.Combine(Path.GetTempPath(), "pnl-image")]);
        Assert.NotEqual(0, code);
        Assert.Contains("Read-only", refused, StringComparison.Ordinal);

        long time = 1621427700;
        using (ProgramRun run = await RunAsync(app, data, async http =>
        {
            await http.RegisterAsync("kept");
            (await http.IngestAsync("kept", (time, 0.5m))).Ok();
            Assert.Contains("pnl_bars_ingested_total", await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }))
        {
            run.Terminate();
            Assert.Equal(0, await run.ExitAsync(Limit));
        }

        using ProgramRun again = await RunAsync(app, data, async http => Assert.Equal(0.5m, (await http.GetAnswerAsync("/v1/tokens/kept/pnl")).Ok()["rate"].GetDecimal()));
        again.Terminate();
        Assert.Equal(0, await again.ExitAsync(Limit));
    }

    [Fact]
    public void The_image_is_of_two_stages_and_of_a_user_who_is_not_root()
    {
        Assert.Equal(2, Dockerfile.Count(line => line.StartsWith("FROM ", StringComparison.Ordinal)));
        Assert.Contains("sdk:", Dockerfile.First(line => line.StartsWith("FROM ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("aspnet:", Dockerfile.Last(line => line.StartsWith("FROM ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("USER $APP_UID", Dockerfile.Last(line => line.StartsWith("USER ", StringComparison.Ordinal)));
        Assert.DoesNotContain(Dockerfile, line => line.StartsWith("ADD ", StringComparison.Ordinal)); // nothing from elsewhere
    }

    /// <summary>The line of the Dockerfile, into another folder, of what the tests were built with.</summary>
    private static async Task PublishAsync(string app)
    {
        string configuration = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Parent!.Name;
        string line = Assert.Single(Dockerfile, each => each.StartsWith("RUN dotnet publish ", StringComparison.Ordinal));
        string[] arguments = [.. line["RUN dotnet ".Length..].Split(' ').Select(argument => argument switch { "/app" => app, "Release" => configuration, _ => argument })];
        Assert.Contains(app, arguments);
        Assert.Contains(configuration, arguments);
        (int code, string output, string errors) = await Tool.RunAsync("dotnet", Repository.Root, [.. arguments, "--no-build"]);
        Assert.True(code == 0, output + errors);
    }

    /// <summary>In a space of mounts of its own: all read-only but the data; then as the user, who can never become more.</summary>
    private static string[] Confined(string data) =>
    [
        "--mount", "sh", "-ec",
        $"""mount --bind '{data}' '{data}'; mount -o remount,bind,ro /; for at in /tmp /dev/shm /var/tmp /run; do if mountpoint -q $at; then mount -o remount,bind,ro $at; fi; done; exec setpriv --reuid {User} --regid {User} --clear-groups --no-new-privs --bounding-set -all --inh-caps -all "$@" """,
        "sh",
    ];

    private static async Task<ProgramRun> RunAsync(string app, string data, Func<HttpClient, Task> ask)
    {
        string[] entry = JsonSerializer.Deserialize<string[]>(Assert.Single(Dockerfile, line => line.StartsWith("ENTRYPOINT ", StringComparison.Ordinal))["ENTRYPOINT ".Length..])!;
        ProcessStartInfo start = new("unshare", [.. Confined(data), .. entry, "--Pnl:Feed=none"]) { WorkingDirectory = app };
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        foreach (string variable in Assert.Single(Dockerfile, line => line.StartsWith("ENV ", StringComparison.Ordinal))["ENV ".Length..].Split(' '))
        {
            string[] parts = variable.Split('=', 2);
            start.Environment[parts[0]] = parts[1].Replace("/data", data, StringComparison.Ordinal).Replace("*:8080", "127.0.0.1:0", StringComparison.Ordinal);
        }

        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ProgramRun run = ProgramRun.Start(start, line =>
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                listening.TrySetResult(new(match.Groups[1].Value));
            }
        });
        try
        {
            await Task.WhenAny(listening.Task, run.ExitAsync(Limit));
            Assert.True(listening.Task.IsCompleted, "it does not listen");
            using HttpClient http = new() { BaseAddress = await listening.Task };
            await ask(http);
            return run;
        }
        catch (Exception e)
        {
            string output = run.Output;
            run.Dispose();
            throw new InvalidOperationException($"{e.Message}\nIt wrote:\n{output}", e);
        }
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
