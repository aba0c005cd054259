using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Cluster.Backfills;

/// <summary>What a backfill counts through deaths, and stores that fail, against one that met none.</summary>
public sealed class CounterTests
{
    private const string Source = "files";

    private static readonly DateTimeOffset From = new(2026, 3, 10, 0, 0, 0, TimeSpan.Zero), To = new(2026, 6, 12, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Ids = ["abc", "bcd", "cde", "non"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Deaths_at_any_moment_change_no_counter() => DieAndCountAsync(1);

    [Theory(Explicit = true)]
    [Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public Task Deaths_at_other_moments_change_no_counter(int seed) => DieAndCountAsync(seed);

    private static async Task DieAndCountAsync(int seed)
    {
        Random random = new(seed);
        using TemporaryFolder without = new(), with = new();
        await using Run calm = new(without), deadly = new(with);
        await calm.StartAsync();
        await deadly.StartAsync();
        foreach (bool again in (bool[])[false, true])
        {
            // The second time some bars are corrected, and some are new.
            Rate(calm, again);
            Rate(deadly, again);
            BackfillStatus expected = await calm.EndAsync(await calm.BeginAsync(again));
            Assert.True(expected.Bars.Landed > 0 && expected.Bars.Imported > 0 && expected.Bars.Quarantined > 0 && expected.Tokens.Empty == 1);
            Assert.Equal(again, expected.Bars.Corrected > 0);

            for (int deaths = 4; deaths > 0; deaths--)
            {
                Task fatal = deadly.DieAtWrite(random.Next(1, again ? 3 : 5), random);
                string id = await deadly.BeginAsync(again); // or it is under way
                if (await Task.WhenAny(fatal, deadly.EndAsync(id)) != fatal)
                {
                    break;
                }

                await deadly.DieAsync();
                await deadly.StartAsync();
            }

            deadly.Live();
            Assert.Equal(Counters(expected), Counters(await deadly.EndAsync(again ? "b2" : "b1")));
        }
    }

    [Fact]
    public async Task A_save_that_fails_once_fails_no_token_and_no_backfill()
    {
        using TemporaryFolder folder = new();
        await using Run run = new(folder) { SavesOften = true };
        await run.StartAsync();
        string id = await run.BeginAsync(again: false, run.FailingOnce);
        using CancellationTokenSource advancing = new();
        Task clock = RunClockAsync(run, advancing.Token); // the end is stored again after a second
        BackfillStatus ended = await run.EndAsync(id);
        await advancing.CancelAsync();
        await clock;
        Assert.Empty(ended.Failures);
        Assert.Equal((BackfillPhase.Completed, Ids.Length, 0), (ended.Phase, ended.Tokens.Done, ended.Tokens.Failed));
        Assert.True(run.FailedSaves > 0);

        // As the store has it, too.
        await run.DieAsync();
        await run.StartAsync();
        Assert.Equal(Counters(ended), Counters((await run.Cluster.Client.GetBackfillAsync(id, Cancellation))!));
    }

    [Fact]
    public async Task One_that_cannot_be_read_keeps_no_other_from_beginning()
    {
        using TemporaryFolder folder = new();
        await using Run run = new(folder);
        await run.StartAsync();
        Task fatal = run.DieAtWrite(1, new(1));
        string id = await run.BeginAsync(again: false);
        await fatal;
        await run.DieAsync();
        await using (SqliteDatabase database = SqliteDatabase.Open(folder.Path))
        {
            await database.WriteAsync(connection => SqliteDatabase.Run(connection, "UPDATE grain_state SET state = replace(state, '\"retries\":0', '\"retries\":7') WHERE key LIKE 'backfill/b1/%'"), 0);
        }

        await run.StartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => run.Cluster.Client.GetBackfillAsync(id, Cancellation));
        BackfillStatus other = await run.EndAsync(await run.BeginAsync(again: true)), same = await run.EndAsync(await run.BeginAsync(again: false));
        Assert.Equal((BackfillPhase.Completed, BackfillPhase.Completed), (other.Phase, same.Phase));
        Assert.Distinct([id, other.Id, same.Id]);
    }

    private static (BackfillPhase, long, long, long, long, int, int, int, int, string) Counters(BackfillStatus of) => (
        of.Phase, of.Bars.Landed, of.Bars.Imported, of.Bars.Corrected, of.Bars.Quarantined, of.Tokens.Total, of.Tokens.Done, of.Tokens.Failed, of.Tokens.Empty,
        string.Join("; ", of.Empty.Concat(of.Failures).Select(each => $"{each.Token} {each.Code} {each.Detail}")));

    private static void Rate(Run run, bool changed) => run.Files.Rate = (pair, slot) =>
        pair.Base == "non" || slot % 1000 is 17 or 18 || (!changed && slot % 500 == 3) ? null
        : pair.Base == "bcd" && slot / 1000 % 2 == 0 ? slot + 0.1234567890123456789m // more digits than columns hold: in batches of bars
        : changed && slot % 700 == 5 ? slot + 1 : slot;

    private static async Task RunClockAsync(Run run, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            run.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.WhenAny(Task.Delay(5, until));
        }
    }

    /// <summary>A cluster over a folder, whose silo dies and starts again.</summary>
    private sealed class Run(TemporaryFolder folder) : IAsyncDisposable
    {
        private readonly FailingStorage _storage = new();
        private TaskCompletionSource _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public FakeTimeProvider Clock { get; } = new(To.AddHours(1));

        public ListedSource Files { get; } = new([.. Ids.Select(id => new SourcePair($"{id}-usd", id, "usd"))])
        {
            Rate = (_, slot) => slot,
            Aside = (pair, range) => [.. Enumerable.Range(range.From, range.To - range.From).Where(slot => slot % 1000 == 17)
                .Select(slot => new QuarantinedRow(BarTime.OpenSeconds(slot), "rate.zero", $"{pair.Symbol},{slot}"))],
        };

        public PnlCluster Cluster { get; private set; } = null!;

        /// <summary>Whether the clock moves so that it is saved after each month how far a backfill is.</summary>
        public bool SavesOften { get; init; }

        public int FailedSaves => _storage.Failed;

        public async Task StartAsync()
        {
            _dead = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Cluster = new()
            {
                Folder = folder.Path, Clock = Clock, CandleSources = [Files],
                Configure = silo =>
                {
                    silo.Services.AddSingleton(_storage);
                    silo.Services.AddKeyedSingleton<IGrainStorage>("Default", (services, _) => _storage.Over(new SqliteGrainStorage(services.GetRequiredService<SqliteDatabase>())));
                },
            };
            await Cluster.InitializeAsync();
            foreach (string id in Ids)
            {
                Cluster.Store.Watch(id).AfterWrite = _ =>
                {
                    if (SavesOften)
                    {
                        Clock.Advance(TimeSpan.FromSeconds(2));
                    }

                    return Task.CompletedTask;
                };
            }
        }

        public async Task<string> BeginAsync(bool again, Action? before = null)
        {
            before?.Invoke();
            return (await Cluster.Client.StartBackfillAsync(new() { Source = Source, Tokens = Ids, From = From, To = To, Again = again }, Cancellation)).Id;
        }

        public async Task<BackfillStatus> EndAsync(string id)
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            patience.CancelAfter(Patience.Limit);
            PnlCluster cluster = Cluster;
            while (true)
            {
                if (await cluster.Client.GetBackfillAsync(id, patience.Token) is { EndedAt: not null } status)
                {
                    return status;
                }

                await Task.Delay(10, patience.Token);
            }
        }

        /// <summary>Completes when so many writes of tokens are durable; no writer is told of that one, nor writes anything from then on.</summary>
        public Task DieAtWrite(int writes, Random random)
        {
            TaskCompletionSource dead = _dead, reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
            foreach (string id in Ids)
            {
                Cluster.Store.Watch(id).BeforeWrite = _ => writes <= 0 ? dead.Task : Task.CompletedTask;
                Cluster.Store.Watch(id).AfterWrite = _ =>
                {
                    lock (random)
                    {
                        if (--writes <= 0)
                        {
                            reached.TrySetResult();
                            return dead.Task;
                        }

                        if (random.Next(2) == 0)
                        {
                            Clock.Advance(TimeSpan.FromSeconds(2)); // so that it is saved how far it is
                        }
                    }

                    return Task.CompletedTask;
                };
            }

            return reached.Task;
        }

        /// <summary>From now on it dies no more.</summary>
        public void Live()
        {
            foreach (string id in Ids)
            {
                (Cluster.Store.Watch(id).BeforeWrite, Cluster.Store.Watch(id).AfterWrite) = (_ => Task.CompletedTask, _ => Task.CompletedTask);
            }
        }

        public void FailingOnce() => _storage.FailEach();

        public async Task DieAsync()
        {
            _storage.Die();
            await Cluster.Orleans.KillSiloAsync(Cluster.Orleans.Silos.Single(), Cancellation);
            _dead.TrySetException(new IOException("the process is dead"));
            await Cluster.DisposeAsync();
            _storage.Reset();
        }

        public ValueTask DisposeAsync() => Cluster.DisposeAsync();
    }

    /// <summary>The storage of states of grains, each other save of a coordinator of which fails if a test wants it.</summary>
    private sealed class FailingStorage
    {
        private bool _fails, _isDead;
        private int _saves;

        public int Failed { get; private set; }

        public void FailEach() => (_fails, _saves) = (true, 0);

        public void Die() => _isDead = true;

        public void Reset() => (_isDead, _fails) = (false, false);

        public IGrainStorage Over(IGrainStorage inner) => new Watched(this, inner);

        private void Before(GrainId grain)
        {
            if (_isDead)
            {
                throw new IOException("the process is dead");
            }

            if (_fails && grain.Type.ToString() == "backfill" && ++_saves % 2 == 0) // the first is that of the start
            {
                Failed++;
                throw new IOException("the disk is full for a moment");
            }
        }

        private sealed class Watched(FailingStorage of, IGrainStorage inner) : IGrainStorage
        {
            public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

            public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
            {
                of.Before(grainId);
                return inner.WriteStateAsync(stateName, grainId, grainState);
            }

            public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);
        }
    }
}
