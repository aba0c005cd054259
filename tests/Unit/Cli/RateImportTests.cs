using System.Net;
using Pnl.Cli;
using Pnl.Cli.Import;

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
        Write("BTC-USD.csv", "time,rate\n300,1\n600,zero\n900,1.10\n1200000000,7\n1500,1\n1501,3\n300,2\n900,1.1\n");
        FileTally file = Assert.Single(await ImportAsync(_stub));

        Assert.Equal((8, 3, 0, 0, 2), (file.Rows, file.Accepted, file.Unchanged, file.Corrected, file.Folded));
        Assert.Equal(0, file.Unaccounted);
        string path = Path.Combine(_folder.FullName, "BTC-USD.csv");
        Assert.Equal(
            [("rate.malformed", $"{path}:3"), ("time.inFuture", $"{path}:5"), ("time.repeated", $"{path}:2")],
            file.Rejected.ByCode.Select(r => (r.Code, Assert.Single(r.Examples))));
        Assert.Equal("usd", _stub.Tokens["btc"]);
        Assert.Equal("2", _stub.Bars[("btc", 300)]); // the later one of two
        Assert.Equal("1.1", _stub.Bars[("btc", 900)]);
        Assert.Equal("3", _stub.Bars[("btc", 1500)]); // the last one in its 5 minutes
        Assert.Equal((ExitCode.Ok, ExitCode.Rejected), (Code(strict: false, file), Code(strict: true, file)));
    }

    [Fact]
    public async Task The_same_file_again_changes_nothing()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n600,2\n");
        await ImportAsync(_stub);
        FileTally again = Assert.Single(await ImportAsync(_stub));
        Assert.Equal((2, 0, 2, 0, 0), (again.Rows, again.Accepted, again.Unchanged, again.Corrected, again.Rejected.Rows));
        Assert.Equal([("btc", 2, -1, -1), ("btc", 2, -1, -1)], _stub.Calls); // and claims nothing but its bars
    }

    [Fact]
    public async Task A_long_file_goes_in_calls_of_at_most_100_000_rows()
    {
        Write("BTC-USD.csv", "time,rate\n" + string.Concat(Enumerable.Range(0, 200_001).Select(i => $"{i * 300},1\n")));
        FileTally file = Assert.Single(await ImportAsync(_stub, covers: true));
        Assert.Equal(200_001, file.Accepted);
        Assert.Equal(
            [("btc", 100_000, 0, 30_000_000), ("btc", 100_000, 30_000_000, 60_000_000), ("btc", 1, 60_000_000, 60_000_300)],
            _stub.Calls);
    }

    [Fact]
    public async Task A_file_in_another_quote_is_refused_whole_and_the_way_out_is_named()
    {
        Write("BTC-USD.csv", "time,rate\n300,1\n");
        Write("BTC-EUR.csv", "time,rate\n300,2\nsoon,3\n");
        IReadOnlyList<FileTally> files = [.. (await ImportAsync(_stub)).OrderByDescending(file => file.File.Quote)]; // dollars are preferred, whatever comes first

        Assert.Equal((1, 1), (files[0].Rows, files[0].Accepted));
        Assert.Equal((2, FileFailure.QuoteMismatch), (files[1].Rows, files[1].Failure));
        Assert.Equal([("quote.mismatch", 1), ("time.malformed", 1)], files[1].Rejected.ByCode.Select(r => (r.Code, (int)r.Rows)));
        Assert.Contains("--id {symbol}-{quote}", files[1].FailureText, StringComparison.Ordinal);
        Assert.Equal("1", _stub.Bars[("btc", 300)]);
        Assert.Equal(ExitCode.Rejected, Code(strict: false, [.. files])); // a whole file was refused

        files = await ImportAsync(_stub, new TokenIdTemplate("{symbol}-{quote}"));
        Assert.Equal(["btc-eur", "btc-usd"], files.Select(f => f.File.Id));
        Assert.Equal("eur", _stub.Tokens["btc-eur"]);
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
    public async Task A_problem_is_told_with_detail_code_and_what_is_expected_and_ends_its_file_only()
    {
        Write("A-USD.csv", "time,rate\n300,1\n");
        Write("B-USD.csv", "time,rate\n300,1\n");
        _stub.Instead.Enqueue(() => StubServer.Json(
            HttpStatusCode.BadRequest, new { title = "Bad id", code = "token.id", detail = "No token may be called so.", status = 400, field = "id", expected = "a word" }));
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);
        Assert.Equal("No token may be called so. (400, token.id; 'id' may be a word).", files[0].FailureText);
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

    [Fact]
    public async Task Days_are_sent_as_days_by_their_opening_and_said_to_be()
    {
        Write("OLD-USD.csv", "date,price\n2000-02-13,0.086\n2000-02-14,0.081\n");
        FileTally file = Assert.Single(await ImportAsync(_stub));
        Assert.Equal(("1d", 2), Assert.Single(_stub.Intervals));
        Assert.Equal("0.086", _stub.Bars[("old", 950_400_000)]);
        Assert.Equal("daily rates: 2 bars of 1d, each known at the end of its period", Assert.Single(file.Notes));
    }

    [Fact]
    public async Task What_does_not_tell_its_interval_is_refused_until_it_is_said_and_no_token_appears()
    {
        Write("X-USD.csv", "time,rate\n950443200,5\n950452200,6\n950464800,7\n"); // 12:00, 14:30, 18:00
        FileTally file = Assert.Single(await ImportAsync(_stub));
        Assert.Equal(FileFailure.Unreadable, file.Failure);
        Assert.Contains("Say it with --interval", file.FailureText, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Rejected, Code(strict: false, file));
        Assert.Empty(_stub.Tokens);

        Assert.Equal(3, Assert.Single(await ImportAsync(_stub, candleSeconds: 300)).Accepted);
    }

    [Fact]
    public async Task A_file_of_which_nothing_can_be_taken_fails_and_no_token_appears()
    {
        Write("X-USD.csv", "time,rate\n300,0\nsoon,5\n");
        FileTally file = Assert.Single(await ImportAsync(_stub));
        Assert.Equal((FileFailure.NothingTaken, 2), (file.Failure, (int)file.Rejected.Rows));
        Assert.Equal(ExitCode.Rejected, Code(strict: false, file));
        Assert.Empty(_stub.Tokens);
    }

    [Fact]
    public async Task Files_that_contradict_each_other_are_told_by_how_much_and_another_series_is_refused()
    {
        string Rows(Func<int, decimal> rate) => "time,rate\n" + string.Concat(Enumerable.Range(1, 10).Select(i => FormattableString.Invariant($"{i * 300},{rate(i)}\n")));
        _folder.CreateSubdirectory("a");
        _folder.CreateSubdirectory("b");
        _folder.CreateSubdirectory("c");
        Write("a/X-USD.csv", Rows(i => 100));
        Write("b/X-USD.csv", Rows(i => i == 4 ? 101 : 100));
        Write("c/X-USD.csv", Rows(i => 7));
        IReadOnlyList<FileTally> files = await ImportAsync(_stub);

        Assert.Equal([FileFailure.None, FileFailure.None, FileFailure.Contradicts], files.Select(file => file.Failure));
        Assert.Contains(files[1].Notes, note => note.StartsWith("differs from the files before it: 1 of the 10 bars that both have, by 1 % in the middle and 1 % at most", StringComparison.Ordinal));
        Assert.Contains("10 of the 10 bars that both have", files[2].FailureText, StringComparison.Ordinal);
        Assert.Equal("101", _stub.Bars[("x", 1200)]);
        Assert.Equal(ExitCode.Rejected, Code(strict: false, [.. files]));
    }

    [Fact]
    public async Task A_pair_is_said_for_files_whose_names_do_not_and_the_interval_in_the_name_has_to_be_that_of_the_rows()
    {
        Write("XBT_USDT-1h.csv", "time,rate\n950443200,5\n950446800,6\n950450400,7\n");
        Assert.Empty(FileChoice.Of([_folder.FullName], TokenIdTemplate.Default).Files);
        FileTally file = Assert.Single(await ImportAsync(_stub, pair: "BTC-USDT"));
        Assert.Equal(("btc", 3, "1h"), (file.File.Id, (int)file.Accepted, Assert.Single(_stub.Intervals).Interval));

        Write("XBT_USDT-1h.csv", "time,rate\n950443200,5\n950443500,6\n950443800,7\n");
        file = Assert.Single(await ImportAsync(_stub, pair: "BTC-USDT"));
        Assert.Contains("is of candles of 1h by its name, and its rows are not: they are 5m", file.FailureText, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<FileTally>> ImportAsync(StubServer stub, TokenIdTemplate? template = null, int? candleSeconds = null, bool covers = false, string? pair = null)
    {
        // The stub outlives the server's client, as a server does.
        using Server server = new(options => (options.Address, options.ReachWithin) = (new("http://stub"), TimeSpan.Zero), new Unowned(stub));
        RateImport import = new(server.Pnl, parallel: 1, new ImportProgress(TimeProvider.System), candleSeconds, covers);
        FileChoice choice = FileChoice.Of([_folder.FullName], template ?? TokenIdTemplate.Default, pair);
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
