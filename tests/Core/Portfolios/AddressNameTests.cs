namespace Pnl.Tests.Core.Portfolios;

/// <summary>Which names come through an address as they are.</summary>
public sealed class AddressNameTests
{
    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("%2e")]
    [InlineData("%2E%2e")]
    [InlineData(".%2E")]
    [InlineData("%252e%252e")] // as %2e%2e, once decoded
    [InlineData("%25252e.")]
    [InlineData("a/..")]
    [InlineData("../a")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a%2f..%2Fb")]
    [InlineData("a\\..\\b")]
    [InlineData("a%5C..")]
    [InlineData("..;")]
    [InlineData("..;a=b")]
    [InlineData("..?a")]
    [InlineData("..#a")]
    [InlineData("a/..%3Bx")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("%2Fa")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a%20")]
    [InlineData("a\tb")]
    [InlineData("a%0Ab")]
    [InlineData("a%00")]
    public void What_an_address_takes_for_another_is_no_name(string name) => Assert.False(AddressName.IsKept(name));

    [Theory]
    [InlineData("a")]
    [InlineData("...")]
    [InlineData("..a")]
    [InlineData("a..")]
    [InlineData(".hidden")]
    [InlineData("a/b")]
    [InlineData("kraken/L4UESK-KG3EQ-UFO4T5/1")]
    [InlineData("a?b#c;d")]
    [InlineData("#1042")]
    [InlineData("100%")]
    [InlineData("%zz")]
    [InlineData("a%41")]
    [InlineData("!\"$&'()*+,-:<=>@[]^_`{|}~")]
    public void What_an_address_keeps_when_it_is_encoded_is_a_name(string name) => Assert.True(AddressName.IsKept(name));

    /// <summary>What clients do to an address: the name, encoded as it should be, stays the last part of the path or leads to none above.</summary>
    [Fact]
    public void Every_name_that_is_taken_stays_below_what_it_belongs_to()
    {
        char[] signs = ['.', '/', '\\', '%', '2', 'e', 'f', '5', 'c', ';', '?', '#', 'a'];
        Random random = new(16);
        int kept = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string name = string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => signs[random.Next(signs.Length)]));
            if (!AddressName.IsKept(name))
            {
                continue;
            }

            kept++;
            foreach (string address in (string[])[Uri.EscapeDataString(name), name, Uri.UnescapeDataString(name)])
            {
                string path = new Uri(new Uri("http://localhost/v1/portfolios/p/entries/"), "./" + address).AbsolutePath;
                Assert.True(path.StartsWith("/v1/portfolios/p/entries/", StringComparison.Ordinal), $"{name} leads to {path}");
            }
        }

        Assert.InRange(kept, 5_000, 19_900); // neither all nor none
    }
}
