using System.Globalization;
using Pnl.Tests.Shared;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Bits of a cluster's storage are turned: it is seen, named, never answered as a figure, and made good where that can be.</summary>
public sealed class AzureDamageTests(Azurite azurite) : IClassFixture<Azurite>
{
    [Fact]
    public Task A_turned_bit_of_any_column_is_found_named_and_never_answered() => FlipAsync(3, isPrinted: false);

    /// <summary>A command: 1,000 bits of each column, with the table printed. Pnl__Flips says how many else.</summary>
    [Fact(Explicit = true)]
    public Task A_thousand_bits_of_each_column() => FlipAsync(int.Parse(Environment.GetEnvironmentVariable("Pnl__Flips") ?? "1000", CultureInfo.InvariantCulture), isPrinted: true);

    private async Task FlipAsync(int times, bool isPrinted)
    {
        using DamagedTables store = await DamagedTables.NewAsync(azurite);
        SortedDictionary<string, string> right = await store.AnswersAsync();
        Assert.DoesNotContain(right.Values, answer => answer[0] == '!' || answer == "unknown");
        Assert.False(await store.IsFoundAsync());
        Random random = new(31);
        List<string> wrongs = [];
        foreach ((string kind, string column) in store.Columns())
        {
            (int flipped, int found, int wrong, int refused, int good) = (0, 0, 0, 0, 0);
            for (int tried = 0; tried < times * 6 && flipped < times; tried++)
            {
                if (await store.FlipAsync(kind, column, random) is not var (what, undo))
                {
                    continue;
                }

                flipped++;
                bool isFound = await store.IsFoundAsync();
                SortedDictionary<string, string> answers = await store.AnswersAsync();
                string[] other = [.. answers.Where(answer => answer.Value[0] != '!' && right.GetValueOrDefault(answer.Key) != answer.Value).Select(answer => answer.Key)];
                string[] no = [.. answers.Where(answer => answer.Value[0] == '!').Select(answer => answer.Key)];
                await undo();
                (found, wrong, refused, good) = (found + (isFound ? 1 : 0), wrong + (other.Length > 0 ? 1 : 0), refused + (no.Length > 0 ? 1 : 0), good + (other.Length + no.Length == 0 ? 1 : 0));
                if (!isFound || other.Length > 0 || no.Length > 2)
                {
                    wrongs.Add($"{what}: found {isFound}, wrong {string.Join("; ", other.Select(asked => $"{asked}: {answers[asked]}"))}, refused {string.Join(',', no)}");
                }
            }

            if (isPrinted)
            {
                Console.WriteLine($"{kind + "." + column,-30} flipped {flipped,5}  detected {found,5}  answered wrong {wrong,3}  refused by name {refused,5}  made good {good,5}");
            }
        }

        Assert.True(wrongs.Count == 0, string.Join("\n", wrongs.Take(20)));
        Assert.Equal(right, await store.AnswersAsync());
    }
}
