using System.Text;
using System.Text.Json;
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

    private static string Text(ApiKeyInfo key) => JsonSerializer.Serialize(key, StoredJson.Options);
}
