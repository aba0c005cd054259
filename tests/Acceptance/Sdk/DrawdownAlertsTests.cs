using System.Globalization;
using System.Threading.Channels;
using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Acceptance.Sdk;

/// <summary>The sample as its README says to run it.</summary>
public sealed class DrawdownAlertsTests(QuietSilo silo)
{
    private const long Start = 1621427700; // 2021-05-19T12:35:00Z

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task It_warns_once_a_fall()
    {
        Channel<string> lines = Channel.CreateUnbounded<string>();
        using ProgramRun sample = ProgramRun.Start(
            Built.DrawdownAlerts,
            ["--Alerts:Tokens=falls,other", "--Alerts:Limit=0.1", string.Create(CultureInfo.InvariantCulture, $"--Alerts:GatewayPort={silo.GatewayPort}")],
            line => lines.Writer.TryWrite(line));
        await LineAsync(lines, sample, "Application started");
        await silo.Http.RegisterAsync("falls"); // whoever comes first
        (await silo.Http.IngestAsync("falls", (Start, 100m), (Start + 300, 120m), (Start + 600, 96m))).Ok();
        Assert.Equal("falls is at 96 usd, 20.00 % below its peak of 24h, as of 2021-05-19 12:50:00Z", await LineAsync(lines, sample, "falls is at"));
        (await silo.Http.IngestAsync("falls", (Start + 900, 90m))).Ok(); // it is known already
        (await silo.Http.IngestAsync("falls", (Start + 1200, 119m))).Ok();
        Assert.StartsWith("falls is at 119 usd, 0.83 % below", await LineAsync(lines, sample, "falls is at"), StringComparison.Ordinal);
        (await silo.Http.IngestAsync("falls", (Start + 1500, 60m))).Ok();
        Assert.StartsWith("falls is at 60 usd, 50.00 % below", await LineAsync(lines, sample, "falls is at"), StringComparison.Ordinal);
        sample.Terminate();
        Assert.Equal(0, await sample.ExitAsync(Patience));
    }

    [Theory]
    [InlineData("Alerts:Tokens", "")]
    [InlineData("Alerts:Tokens", "btc,No!")]
    [InlineData("Alerts:Limit", "10 %")]
    [InlineData("Alerts:Window", "2h")]
    [InlineData("Alerts:GatewayPort", "70000")]
    public async Task A_setting_that_cannot_be_is_named(string name, string value)
    {
        (int code, string output) = await ProgramRun.ToEndAsync(Built.DrawdownAlerts, Patience, "--Alerts:Tokens=btc", $"--{name}={value}");
        Assert.Equal(1, code);
        Assert.StartsWith($"{name} is '{value}'; make it ", output, StringComparison.Ordinal);
    }

    /// <summary>The next line that holds a text.</summary>
    private static async Task<string> LineAsync(Channel<string> lines, ProgramRun sample, string text)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                string line = await lines.Reader.ReadAsync(patience.Token);
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line.Trim();
                }
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"There is no line with '{text}'. It wrote:\n{sample.Output}");
            throw;
        }
    }
}
