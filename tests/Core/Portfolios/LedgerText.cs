using System.Globalization;

namespace Pnl.Tests.Core.Portfolios;

/// <summary>Entries written as a person would: <c>2021-05-19 buy 2 btc @ 37000 usd fee 0.001 btc</c>.</summary>
internal static class LedgerText
{
    /// <summary>An entry a line; its id is the number of the line.</summary>
    public static LedgerEntry[] Read(string text) =>
        [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select((line, i) => Entry(line, $"{i + 1}"))];

    public static LedgerEntry Entry(string line, string id)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int at = Array.IndexOf(words, "@");
        List<TradeFee> fees = [];
        for (int i = Array.IndexOf(words, "fee", 2); i >= 0; i = Array.IndexOf(words, "fee", i + 1))
        {
            fees.Add(new(Number(words[i + 1]), words[i + 2]));
        }

        Assert.True(EntryKinds.TryParse(words[1], out EntryKind kind), line);
        return new(
            id, RateTable.At(words[0]), kind, words[3], Number(words[2]),
            at < 0 ? null : Number(words[at + 1]), at < 0 ? null : words[at + 2], [.. fees], null);
    }

    public static Portfolio Portfolio(string text, PortfolioTerms terms, RateTable rates)
    {
        PortfolioChange change = Pnl.Portfolio.Empty(terms).Post(Read(text), rates.Cross);
        Assert.Null(change.Refused);
        return change.After;
    }

    /// <summary>Everything that a book holds, so that two that differ in anything differ in this.</summary>
    public static string Describe(PositionBook book) => string.Join('\n', book.Positions.Select(p =>
        $"{p.Token} {p.Quantity} cost {p.Cost} realised {p.Realised} income {p.Income} fees {p.Fees}/{p.FeesFromOutside} in {p.Contributions}/{p.MovedIn} " +
        $"out {p.Distributions}/{p.MovedOut} missing [{string.Join(' ', p.Missing)}] lots " +
        string.Join(", ", p.Lots.Select(lot => $"#{lot.Number} {lot.EntryId} {lot.Opened:O} {lot.Quantity} @ {lot.UnitCost} = {lot.Cost}"))));

    private static decimal Number(string word) => decimal.Parse(word, NumberStyles.Number, CultureInfo.InvariantCulture);
}
