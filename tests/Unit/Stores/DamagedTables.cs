using System.Globalization;
using System.Text;
using Azure;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Orleans;
using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Stores;

/// <summary>A small store of a cluster with a row of each kind, to be damaged and asked for everything.</summary>
internal sealed class DamagedTables : IDisposable
{
    private static readonly string[] Tables = ["tokens", "months", "directory", "deadletters", "portfolios", "portfoliolist", "store"];
    private static readonly GrainId[] Grains = [GrainId.Create("backfill", "b1"), GrainId.Create("reconciliation", "simulated")];

    private readonly RememberedReads _line = new();
    private readonly string _prefix = OwnTables.NewPrefix();
    private readonly TableServiceClient _service, _behind;
    private readonly BlobContainerClient _states, _statesBehind;
    private readonly List<(string Kind, string Table, TableEntity Row)> _rows = [];
    private StoreIdentity _identity = new("", "");

    private DamagedTables(Azurite azurite)
    {
        TableClientOptions options = AzureTables.Patient(new TableClientOptions());
        options.Transport = new HttpClientTransport(_line);
        _service = new(azurite.ConnectionString, options);
        _behind = new(azurite.ConnectionString);
        _states = new(azurite.ConnectionString, _prefix + "-state", new BlobClientOptions { Transport = new HttpClientTransport(_line) });
        _statesBehind = new(azurite.ConnectionString, _prefix + "-state");
    }

    public AzureTables Opened => new(_service, _prefix, TimeProvider.System);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<DamagedTables> NewAsync(Azurite azurite)
    {
        DamagedTables made = new(azurite);
        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(made.Opened, OwnTables.NewWriter());
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(made.Opened, OwnTables.NewWriter());
        foreach ((string id, int months) in ((string, int)[])[("btc", 3), ("eth", 2), ("btc@0", 1), ("doge", 0)])
        {
            OwnedToken token = await OwnedToken.NewAsync(store, id);
            int first = BarTime.FirstSlotOfMonth(660);
            for (int last = 1; last <= months + 1; last++)
            {
                await token.TakeAsync([.. Enumerable.Range(0, last).SelectMany(month => Enumerable.Range(0, 40).Select(i => new Bar(BarTime.FirstSlotOfMonth(660 + month) + 7 * i, 3m + i / 16m + id.Length)))], new(first, first + 1000));
            }
        }

        await store.WriteDeadLetterAsync(new(DateTimeOffset.UnixEpoch.AddDays(20_000), "btc", "token.unknown", "a bar"));
        foreach ((string id, int entries) in ((string, int)[])[("mine", 5), ("yours", 95)])
        {
            PortfolioKey key = await portfolios.WriteAsync(new(id, null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 7, 1_700_000_000), [.. Enumerable.Range(1, entries).Select(Entry)], []));
            await portfolios.WriteAsync(new(id, key, 1, new(2, new("usd", CostBasis.Fifo, false, false), 7, 1_700_000_000), [Entry(2) with { Quantity = 3m }], ["e-1"]));
        }

        PortfolioKey gone = await portfolios.WriteAsync(new("gone", null, 0, new(1, new("usd", CostBasis.Fifo, false, false), 7, null), [], []));
        await portfolios.DeleteAsync("gone", gone, 1, 12);
        BlobGrainStorage states = new(made._states);
        foreach (GrainId grain in Grains)
        {
            await states.WriteStateAsync("state", grain, new GrainState<Dictionary<string, string>>(new() { ["key"] = $"a value of {grain}" }));
        }

        made._identity = await made.Opened.IdentityAsync(inNewEpoch: false);
        await store.SweepAsync("btc");
        foreach (string table in Tables)
        {
            await foreach (TableEntity row in made._behind.GetTableClient(made._prefix + table).QueryAsync<TableEntity>(cancellationToken: Cancellation))
            {
                made._rows.Add((KindOf(table, row), table, row));
            }
        }

        return made;

        static LedgerEntry Entry(int i) => new($"e-{i}", DateTimeOffset.UnixEpoch.AddDays(19_000 + i), EntryKind.Buy, "btc", i / 8m, 42_000m + i, "usd", [], "a note");
    }

    public void Dispose() => _line.Dispose();

    /// <summary>All kinds of rows with their columns; <c>state</c> is a blob.</summary>
    public IEnumerable<(string Kind, string Column)> Columns() =>
    [
        .. _rows.SelectMany(row => row.Row.Keys.Where(name => name != "Timestamp" && !name.StartsWith("odata", StringComparison.Ordinal)).Select(name => (row.Kind, name))).Distinct().Order(),
        ("state", "content"), ("state", "sum"),
    ];

    /// <summary>Turns a random bit of a column in a random row of a kind; how it is put back, and what it was of. Null where that is nothing which can be stored.</summary>
    public async Task<(string What, Func<Task> Undo)?> FlipAsync(string kind, string column, Random random)
    {
        if (kind == "state")
        {
            return await FlipStateAsync(column, random);
        }

        (string, string Table, TableEntity Row)[] rows = [.. _rows.Where(row => row.Kind == kind && row.Row.ContainsKey(column))];
        (_, string name, TableEntity whole) = rows[random.Next(rows.Length)];
        if (Flipped(whole[column], random) is not var (value, bit))
        {
            return null;
        }

        TableEntity damaged = new((IDictionary<string, object>)whole.ToDictionary()) { [column] = value };
        TableClient table = _behind.GetTableClient(_prefix + name);
        bool isMoved = column is "PartitionKey" or "RowKey";
        if (isMoved && (((string)value).Any(c => c is < ' ' or > '~' or '/' or '\\' or '#' or '?' or '\'' or '%') || name == "store" && damaged is { PartitionKey: "store", RowKey: "store" }))
        {
            return null; // no key can be this
        }

        string[] partitions = [whole.PartitionKey, damaged.PartitionKey];
        try
        {
            if (isMoved)
            {
                await table.AddEntityAsync(damaged, Cancellation);
                await table.DeleteEntityAsync(whole, ETag.All, Cancellation);
            }
            else
            {
                await table.UpdateEntityAsync(damaged, ETag.All, TableUpdateMode.Replace, Cancellation);
            }
        }
        catch (RequestFailedException e) when (e.Status is 400 or 409)
        {
            return null; // the service takes no such value, or another row has the key
        }

        _line.Forget(_prefix + name, partitions);
        return ($"{kind}.{column} of {whole.PartitionKey} {whole.RowKey}, bit {bit}", async () =>
        {
            if (isMoved)
            {
                await table.DeleteEntityAsync(damaged, ETag.All, Cancellation);
            }

            await table.UpsertEntityAsync(whole, TableUpdateMode.Replace, Cancellation);
            _line.Forget(_prefix + name, partitions);
        });
    }

    /// <summary>Puts all rows back into the form of a release that kept no checksums.</summary>
    public async Task StripAsync()
    {
        foreach (string table in Tables)
        {
            await StripAsync(table, _ => true, "Sum", "StateSum", "Sums", "EntriesSum", "IsThere");
        }
    }

    /// <summary>Deletes rows, as somebody does by hand.</summary>
    public async Task DeleteAsync(string table, Func<TableEntity, bool> which)
    {
        foreach ((_, _, TableEntity row) in _rows.Where(row => row.Table == table && which(row.Row)))
        {
            await _behind.GetTableClient(_prefix + table).DeleteEntityAsync(row, ETag.All, Cancellation);
        }

        _line.Forget(_prefix + table, null);
    }

    /// <summary>Takes properties off rows, as somebody does by hand.</summary>
    public async Task StripAsync(string table, Func<TableEntity, bool> which, params string[] properties)
    {
        foreach ((_, _, TableEntity row) in _rows.Where(row => row.Table == table && which(row.Row)))
        {
            TableEntity stripped = new((IDictionary<string, object>)row.Where(property => !properties.Contains(property.Key)).ToDictionary());
            await _behind.GetTableClient(_prefix + table).UpdateEntityAsync(stripped, ETag.All, TableUpdateMode.Replace, Cancellation);
        }

        _line.Forget(_prefix + table, null);
    }

    /// <summary>Whether a check of all checksums finds damage.</summary>
    public async Task<bool> IsFoundAsync()
    {
        if ((await AzureCheck.RowsAsync(Opened, Cancellation)).Damaged.Count > 0)
        {
            return true;
        }

        return (await AnswersAsync(statesAlone: true)).Values.Any(answer => answer[0] == '!');
    }

    /// <summary>Everything that can be asked of the store, by what was asked; an answer that names damage, or is known to be none, begins with an exclamation mark.</summary>
    public async Task<SortedDictionary<string, string>> AnswersAsync(bool statesAlone = false)
    {
        SortedDictionary<string, string> answers = new(StringComparer.Ordinal);
        BlobGrainStorage states = new(_states);
        foreach (GrainId grain in Grains)
        {
            await AnswerAsync(grain.ToString(), async () =>
            {
                GrainState<Dictionary<string, string>> state = new([]);
                await states.ReadStateAsync("state", grain, state);
                return string.Join(',', state.State!);
            });
        }

        if (statesAlone)
        {
            return answers;
        }

        await using AzureSegmentStore store = await AzureSegmentStore.OpenAsync(Opened, 0);
        AzurePortfolioStore portfolios = await AzurePortfolioStore.OpenAsync(Opened, 0);
        await StoredAnswers.AskAsync(store, portfolios, AnswerAsync);
        await AnswerAsync("list", async () => string.Join(',', await store.ListAsync(null, null, 10, Cancellation)));
        await AnswerAsync("found", async () => string.Join(',', await store.ListAsync("DOGE", null, 10, Cancellation)));
        Dictionary<string, TokenState> known = (await store.StatesAsync(Cancellation)).ToDictionary(state => state.Token);
        Dictionary<string, ListedPortfolio> listed = (await portfolios.ListAsync(null, 10, Cancellation)).ToDictionary(portfolio => portfolio.Portfolio);
        foreach (string id in (string[])["btc", "eth", "doge"])
        {
            answers[$"state {id}"] = known.GetValueOrDefault(id) is { Revision: > 0 } state ? state.ToString() : "!no state";
        }

        foreach (string id in (string[])["mine", "yours"])
        {
            answers[$"listed {id}"] = listed.GetValueOrDefault(id)?.ToString() ?? "!not listed";
        }

        // Under another epoch nothing holds that was told before.
        StoreIdentity identity = await Opened.IdentityAsync(inNewEpoch: false);
        answers["identity"] = identity == _identity ? identity.ToString() : identity.Epoch != _identity.Epoch && Differs(identity.Epoch, _identity.Epoch) > 2 ? "!another epoch" : $"wrong {identity}";
        return answers;

        async Task AnswerAsync(string asked, Func<Task<string>> answer)
        {
            try
            {
                answers[asked] = await answer();
            }
            catch (Exception e) when (e is SegmentCorruptException or StoreDamagedException)
            {
                answers[asked] = "!" + e.Message;
            }
        }
    }

    private static int Differs(string one, string other) => one.Zip(other).Count(pair => pair.First != pair.Second);

    private async Task<(string What, Func<Task> Undo)?> FlipStateAsync(string column, Random random)
    {
        BlobClient blob = _statesBehind.GetBlobClient($"state-{Grains[random.Next(Grains.Length)]}.json");
        Azure.Storage.Blobs.Models.BlobDownloadResult whole = (await blob.DownloadContentAsync(Cancellation)).Value;
        byte[] content = whole.Content.ToArray();
        Dictionary<string, string> metadata = new(whole.Details.Metadata);
        if (column == "content")
        {
            (object value, _) = Flipped(content, random)!.Value;
            content = (byte[])value;
        }
        else if (Flipped(metadata[column], random) is var (value, _) && ((string)value).All(c => c is > ' ' and <= '~'))
        {
            metadata[column] = (string)value;
        }
        else
        {
            return null;
        }

        await UploadAsync(content, metadata);
        return ($"state.{column} of {blob.Name}", () => UploadAsync(whole.Content.ToArray(), whole.Details.Metadata));

        async Task UploadAsync(byte[] bytes, IDictionary<string, string> with)
        {
            await blob.UploadAsync(new BinaryData(bytes), new Azure.Storage.Blobs.Models.BlobUploadOptions { Metadata = with }, Cancellation);
            _line.Forget(_prefix + "-state", null);
        }
    }

    private static (object Value, int Bit)? Flipped(object value, Random random)
    {
        byte[] bytes = value switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            long number => BitConverter.GetBytes(number),
            int number => BitConverter.GetBytes(number),
            bool flag => BitConverter.GetBytes(flag),
            _ => [.. (byte[])value],
        };
        if (bytes.Length == 0)
        {
            return null;
        }

        int bit = value is bool ? 0 : random.Next(bytes.Length * 8);
        bytes[bit / 8] ^= (byte)(1 << bit % 8);
        return (value switch
        {
            string => Encoding.UTF8.GetString(bytes),
            long => BitConverter.ToInt64(bytes),
            int => BitConverter.ToInt32(bytes),
            bool => bytes[0] != 0,
            _ => bytes,
        }, bit);
    }

    private static string KindOf(string table, TableEntity row) => table switch
    {
        "months" => row.RowKey.StartsWith('i') ? "index" : "month",
        "directory" => row.RowKey == "!" ? "directory version" : "directory",
        "portfolios" => row.RowKey != "head" ? row.RowKey.Contains("-p-", StringComparison.Ordinal) ? "entries" : "entry" : row.ContainsKey("Life") ? "portfolio" : "deleted portfolio",
        "tokens" => "token",
        "deadletters" => "dead letter",
        "portfoliolist" => "listed portfolio",
        _ => table,
    };
}
