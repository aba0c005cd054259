using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Runtime;
using Pnl.Client;

namespace Pnl.Tests.Cluster.Sdk;

/// <summary>When a call is made again, by a clock that the test moves.</summary>
public sealed class RetriesTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly List<TaskCompletionSource<int>> _calls = [];
    private readonly Retries _retries;

    public RetriesTests() => _retries = new(Options.Create(new PnlClientOptions()), _clock);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_several_calls_under_way_the_first_that_is_answered_counts()
    {
        Task<int> answer = _retries.ReadAsync(Call, Cancellation);
        await MadeAsync(2);
        _calls[1].SetResult(42);
        Assert.Equal(42, await answer);
    }

    [Fact]
    public async Task However_long_no_answer_comes_at_most_two_calls_are_made_in_five_seconds()
    {
        List<DateTimeOffset> made = [];
        Task<int> answer = _retries.ReadAsync(
            () =>
            {
                made.Add(_clock.GetUtcNow());
                return Call();
            },
            Cancellation);
        while (!answer.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(answer, Task.Delay(10, Cancellation)); // what waits for the clock goes on by itself
        }

        await Assert.ThrowsAsync<PnlUnavailableException>(() => answer);
        Assert.InRange(made.Count, 3, 10); // one that is lost is made again
        Assert.All(made.Zip(made.Skip(2)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromSeconds(5), $"a third call {pair.Second - pair.First} after the first"));
    }

    [Fact]
    public async Task Damage_is_told_at_once_though_Orleans_wraps_it()
    {
        Task<int> answer = _retries.ReadAsync(Call, Cancellation);
        _calls[0].SetException(new OrleansException("Error from storage provider", new StoreDamagedException("the state of a grain is damaged")));
        Assert.IsType<StoreDamagedException>((await Assert.ThrowsAsync<OrleansException>(() => answer)).InnerException);
        Assert.Equal(1, Made());
    }

    [Fact]
    public async Task A_call_that_fails_leaves_the_others_under_way()
    {
        Task<int> answer = _retries.ReadAsync(Call, Cancellation);
        await MadeAsync(2);
        _calls[1].SetException(new SiloUnavailableException("its silo has died"));
        await MadeAsync(3);
        _calls[0].SetResult(7);
        Assert.Equal(7, await answer);
    }

    [Fact]
    public async Task A_grain_that_did_not_come_up_in_time_is_asked_again_but_not_for_a_caller_who_has_given_up()
    {
        using CancellationTokenSource caller = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<int> answer = _retries.ReadAsync(Call, caller.Token);
        _calls[0].SetException(new TaskCanceledException("its directory moves"));
        await MadeAsync(2);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(2, Made());
    }

    private Task<int> Call()
    {
        TaskCompletionSource<int> call = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_calls)
        {
            _calls.Add(call);
        }

        return call.Task;
    }

    /// <summary>Moves the clock until so many calls have been made.</summary>
    private async Task MadeAsync(int calls)
    {
        while (Made() < calls)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(10, Cancellation); // what waits for the clock goes on by itself
        }
    }

    private int Made()
    {
        lock (_calls)
        {
            return _calls.Count;
        }
    }
}
