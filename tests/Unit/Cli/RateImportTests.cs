using System.Net;
using Pnl.Cli;
using Pnl.Cli.Import;
using Pnl.Cli.Server;

namespace Pnl.Tests.Unit.Cli;

public sealed class RateImportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-import-");
    private readonly StubServer _stub = new() { Now = 1_000_000_000 };

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _stub.Dispose();
    }

    [Fact]
    public async Task Every_row_is_accounted_for_with_the_reason_and_line_of_the_bad_ones()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n600,zero\n900,1.10\n1200000000,7\n301,1\n300,2\n");
        FileTally file = Assert.Single(await ImportAsync(_stub));

        Assert.Equal((6, 2, 0, 1), (file.Rows, file.Accepted, file.Unchanged, file.Corrected));
        Assert.Equal(0, file.Unaccounted);
        string path = Path.Combine(_folder.FullName, "BTC-USD.csv");
        Assert.Equal(
            [("rate.malformed", $"{path}:3"), ("time.inFuture", $"{path}:5"), ("time.unaligned", $"{path}:6")],
            file.Rejected.ByCode.Select(r => (r.Code, Assert.Single(r.Examples))));
        Assert.Equal("usd", _stub.Tokens["btc"]);
        Assert.Equal("2", _stub.Bars[("btc", 300)]);
        Assert.Equal("1.1", _stub.Bars[("btc", 900)]);
        Assert.Equal((ExitCode.Ok, ExitCode.Rejected), (Code(strict: false, file), Code(strict: true, file)));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n600,2\n");
        await ImportAsync(_stub);
        FileTally again = Assert.Single(await ImportAsync(_stub));
        Assert.Equal((2, 0, 2, 0, 0), (again.Rows, again.Accepted, again.Unchanged, again.Corrected, again.Rejected.Rows));
        Assert.Equal([("btc", 2, 300, 900), ("btc", 2, 300, 900)], _stub.Calls);
    }

    [Fact]
    public async Task A_long_file_goes_in_calls_of_at_most_100_000_rows()
    {
        Write("BTC-USD.csv", "time,rate\n" + string.Concat(Enumerable.Range(0, 200_001).Select(i => $"{i * 300},1\n")));
        FileTally file = Assert.Single(await ImportAsync(_stub));
        Assert.Equal(200_001, file.Accepted);
        Assert.Equal(
            [("btc", 100_000, 0, 30_000_000), ("btc", 100_000, 30_000_000, 60_000_000), ("btc", 1, 60_000_000, 60_000_300)],
            _stub.Calls);
    }

    [Fact]
    public async Task A_file_in_another_quote_is_refused_whole_and_the_way_out_is_named()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n");
        Write("BTC-USDT.csv", "time,rate\n300,2\nsoon,3\n");
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);

        Assert.Equal((1, 1), (files[0].Rows, files[0].Accepted));
        Assert.Equal((2, FileFailure.QuoteMismatch), (files[1].Rows, files[1].Failure));
        Assert.Equal(("quote.mismatch", 2), files[1].Rejected.ByCode.Select(r => (r.Code, (int)r.Rows)).Single());
        Assert.Contains("--id {symbol}-{quote}", files[1].FailureText, StringComparison.Ordinal);
        Assert.Equal("1", _stub.Bars[("btc", 300)]);
        Assert.Equal((ExitCode.Ok, ExitCode.Rejected), (Code(strict: false, [.. files]), Code(strict: true, [.. files])));

        files = await ImportAsync(_stub, new TokenIdTemplate("{symbol}-{quote}"));
        Assert.Equal(["btc-usd", "btc-usdt"], files.Select(f => f.File.Id));
        Assert.Equal("usdt", _stub.Tokens["btc-usdt"]);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n");
        foreach (HttpStatusCode status in new[] { HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests })
        {
            _stub.Instead.Enqueue(() => new HttpResponseMessage(status) { Headers = { { "Retry-After", "0" } } });
        }

        Assert.Equal(1, Assert.Single(await ImportAsync(_stub)).Accepted);
    }

    [Fact]
    public async Task No_server_is_said_clearly_and_the_other_files_are_not_tried()
    {
        Write("A-USD.csv", "time,rate\n300,1\n");
        Write("B-USD.csv", "time,rate\n300,1\n");
        _stub.Instead.Enqueue(() => throw new HttpRequestException("Connection refused"));
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);
        Assert.Contains("dotnet run -c Release --project Silo", files[0].FailureText, StringComparison.Ordinal);
        Assert.Equal([FileFailure.Server, FileFailure.Stopped], files.Select(f => f.Failure));
        Assert.Equal(ExitCode.Server, Code(strict: false, [.. files]));
    }

    [Fact]
    public async Task A_problem_is_told_with_title_code_and_detail_and_ends_its_file_only()
    {
        Write("A-USD.csv", "time,rate\n300,1\n");
        Write("B-USD.csv", "time,rate\n300,1\n");
        _stub.Instead.Enqueue(() => StubServer.Json(
            HttpStatusCode.BadRequest, new { title = "Bad id", code = "token.id", detail = "No token may be called so.", status = 400 }));
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);
        Assert.Equal("Bad id [token.id]: No token may be called so.", files[0].FailureText);
        Assert.Equal(FileFailure.Declined, files[0].Failure);
        Assert.Equal(1, files[1].Accepted);
        Assert.Equal(ExitCode.Rejected, Code(strict: false, [.. files]));
    }

    [Fact]
    public async Task A_server_that_forgets_rows_is_found_out()
    {
        using StubServer forgetful = new() { Forgets = 1 };
        Write("BTC-USD.csv", "time,rate\n300,1\n600,2\n");
        FileTally file = Assert.Single(await ImportAsync(forgetful));
        Assert.Equal((1, FileFailure.Miscounted), (file.Unaccounted, file.Failure));
        Assert.Equal("the server accounts for 1 of the 2 rows from line 2 on", file.FailureText);
        Assert.Equal(ExitCode.Server, Code(strict: false, file));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_fails_alone()
    {
        Write("A-USD.csv.gz", "no gzip");
        Write("B-USD.csv", "time,rate\n300,1\n");
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);
        Assert.Equal([FileFailure.Unreadable, FileFailure.None], files.Select(f => f.Failure));
        Assert.False(_stub.Tokens.ContainsKey("a"));
        Assert.Equal(ExitCode.Rejected, Code(strict: false, [.. files]));
    }

    [Fact]
    public void Folders_give_the_files_that_match_and_say_why_others_do_not()
    {
        Write("XRP-ETH.1m.csv.gz", "");
        Write("README.md", "");
        Write("XRP-ETH.csv.gz", "");
        _folder.CreateSubdirectory("deep");
        Write("deep/ADA-BTC.parquet", "");
        FileChoice choice = FileChoice.Of([_folder.FullName, Path.Combine(_folder.FullName, "XRP-ETH.csv.gz")], TokenIdTemplate.Default);
        Assert.Equal([("xrp", "XRP", "eth"), ("ada", "ADA", "btc")], choice.Files.Select(f => (f.Id, f.Symbol, f.Quote)));
        Assert.Equal(["README.md", "XRP-ETH.1m.csv.gz"], choice.Skipped.Select(s => Path.GetFileName(s.Path)));
        Assert.Empty(choice.Wrong);
    }

    [Fact]
    public void What_is_asked_for_by_name_has_to_be_there_and_match()
    {
        Write("bitcoin.csv", "");
        Write("BTC-USD.csv", "");
        FileChoice choice = FileChoice.Of(
            [Path.Combine(_folder.FullName, "bitcoin.csv"), Path.Combine(_folder.FullName, "absent")], TokenIdTemplate.Default);
        Assert.Equal(2, choice.Wrong.Count);
        Assert.Single(FileChoice.Of([Path.Combine(_folder.FullName, "BTC-USD.csv")], new TokenIdTemplate("-{symbol}")).Wrong);
        Assert.NotNull(new TokenIdTemplate("{name}").Defect());
        Assert.Null(new TokenIdTemplate("x.{symbol}-{quote}").Defect());
    }

    private async Task<IReadOnlyList<FileTally>> ImportAsync(StubServer stub, TokenIdTemplate? template = null)
    {
        // The stub outlives the server's client, as a server does.
        using PnlServer server = new(new Uri("http://stub"), new Unowned(stub));
        RateImport import = new(server, parallel: 1, new ImportProgress(TimeProvider.System));
        FileChoice choice = FileChoice.Of([_folder.FullName], template ?? TokenIdTemplate.Default);
        return await import.RunAsync(choice.Files, TestContext.Current.CancellationToken);
    }

    private static int Code(bool strict, params FileTally[] files) => new ImportReport(files, TimeSpan.FromSeconds(1)).ExitCode(strict);

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder.FullName, name), content);

    private sealed class Unowned(HttpMessageHandler handler) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(handler, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
