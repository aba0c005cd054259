using System.Text;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Pnl.Grains;
using Pnl.Rates;

namespace Pnl.Tests.Unit.Access;

/// <summary>Of a damaged list of API keys the good ones are told from the others.</summary>
public sealed class ApiKeySumsTests
{
    private static readonly ApiKeyInfo[] Keys =
    [
        .. Enumerable.Range(1, 4).Select(i => new ApiKeyInfo
        {
            Id = $"key{i}", Name = $"the \"{i}\" {{\"id\":\"", Owner = "alice", Scopes = ["read", "portfolio"], Hash = new string((char)('a' + i), 64), CreatedAt = DateTimeOffset.UnixEpoch.AddDays(20_000 + i),
        }),
    ];

    [Fact]
    public void Whichever_bit_of_the_list_is_turned_no_key_is_taken_for_another_and_at_most_two_are_lost()
    {
        ApiKeySums sums = ApiKeySums.Of(Keys);
        byte[] whole = JsonSerializer.SerializeToUtf8Bytes(new ApiKeyList { Keys = [.. Keys] }, StoredJson.Options);
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            List<ApiKeyInfo> held = sums.Held(Encoding.UTF8.GetString(damaged));
            ApiKeyInfo[] good = [.. held.Where(key => !ApiKeySums.IsDamaged(key))];
            Assert.All(good, key => Assert.Equal(Text(Keys.Single(known => known.Id == key.Id)), Text(key)));
            Assert.InRange(good.Length, Keys.Length - 2, Keys.Length); // the bracket before a key may be what is damaged
            Assert.All(Keys, key => Assert.Contains(held, other => other.Id == key.Id)); // by name at least
            Assert.All(held.Except(good), key => Assert.Empty(key.Scopes));
        }
    }

    [Fact]
    public void Of_a_damaged_list_a_key_without_a_checksum_is_not_good()
    {
        string text = JsonSerializer.Serialize(new ApiKeyList { Keys = [.. Keys] }, StoredJson.Options);
        List<ApiKeyInfo> held = ApiKeySums.Of(Keys[..2]).Held(text);
        Assert.Equal(["key1", "key2"], held.Where(key => !ApiKeySums.IsDamaged(key)).Select(key => key.Id));
        Assert.Equal(["key3", "key4"], held.Where(ApiKeySums.IsDamaged).Select(key => key.Id));
    }

    [Fact]
    public async Task A_list_of_which_the_checksum_does_not_hold_is_given_as_it_is_stored_and_other_state_is_refused()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("pnl-keys-");
        try
        {
            GrainId grain = GrainId.Create("api-keys", "0");
            await using (SqliteDatabase database = SqliteDatabase.Open(folder.FullName))
            {
                using SqliteGrainStorage states = new(database);
                await states.WriteStateAsync("apiKeys", grain, new GrainState<ApiKeyList>(new() { Keys = [.. Keys] }));
                await states.WriteStateAsync("apiKeySums", grain, new GrainState<ApiKeySums>(ApiKeySums.Of(Keys)));
                await states.WriteStateAsync("audit", grain, new GrainState<AuditTail>(new() { Page = 7 }));
                await database.WriteAsync(connection => SqliteDatabase.Run(connection, "UPDATE grain_state SET state = replace(replace(state, 'the ', 'thf '), '7', '8') WHERE key LIKE '%apiKeys' OR key LIKE '%audit'"), 0);
            }

            await using SqliteDatabase again = SqliteDatabase.Open(folder.FullName);
            using SqliteGrainStorage read = new(again);
            GrainState<ApiKeyList> list = new(new());
            GrainState<ApiKeySums> sums = new(new());
            await read.ReadStateAsync("apiKeys", grain, list);
            await read.ReadStateAsync("apiKeySums", grain, sums);
            Assert.True(list.RecordExists);
            Assert.All(sums.State!.Held(list.State!.Damaged!), key => Assert.True(ApiKeySums.IsDamaged(key)));
            await Assert.ThrowsAsync<StoreDamagedException>(() => read.ReadStateAsync("audit", grain, new GrainState<AuditTail>(new())));

            // What is written over it is whole again.
            list.State = new() { Keys = [Keys[0]] };
            await read.WriteStateAsync("apiKeys", grain, list);
            await read.ReadStateAsync("apiKeys", grain, list);
            Assert.Null(list.State.Damaged);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Text(ApiKeyInfo key) => JsonSerializer.Serialize(key, StoredJson.Options);
}
