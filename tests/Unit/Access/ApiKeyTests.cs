using System.Security.Cryptography;
using System.Text;

namespace Pnl.Tests.Unit.Access;

public sealed class ApiKeyTests
{
    private static readonly byte[] Random = [.. Enumerable.Range(0, ApiKey.RandomBytes).Select(i => (byte)(255 - i))];

    [Fact]
    public void A_key_is_a_prefix_and_its_bytes_in_base64url()
    {
        string key = ApiKey.Of(Random);

        Assert.Equal("pnl_" + Convert.ToBase64String(Random).TrimEnd('=').Replace('+', '-').Replace('/', '_'), key);
        Assert.True(ApiKey.IsWellFormed(key));
        Assert.Throws<ArgumentException>(() => ApiKey.Of(Random.AsSpan(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pnl_")]
    [InlineData("pnl_short")]
    [InlineData("PNL_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("pnl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("pnl_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_key_has_not_its_form(string text) => Assert.False(ApiKey.IsWellFormed(text));

    [Fact]
    public void A_hash_is_the_sha256_of_the_key_as_text_and_an_id_its_beginning()
    {
        string key = ApiKey.Of(Random), hash = ApiKey.Hash(key);

        Assert.Equal(Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(key))), hash, ignoreCase: true);
        Assert.True(ApiKey.IsHash(hash));
        Assert.False(ApiKey.IsHash(key));
        Assert.False(ApiKey.IsHash(hash.ToUpperInvariant()));
        Assert.StartsWith(ApiKey.IdOf(hash), hash, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hash_of_a_known_text_is_that_of_the_standard() => // FIPS 180-2, appendix B.1
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", ApiKey.Hash("abc"));
}
