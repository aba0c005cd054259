using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>Coinbase's transaction history, since 2021; times in UTC, fees in the price's currency.</summary>
internal sealed partial class CoinbaseDialect : ILedgerDialect
{
    public string Name => "coinbase";

    public string[] Columns { get; } = ["ID", "Timestamp", "Transaction Type", "Asset", "Quantity Transacted"];

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        string type = row["Transaction Type"];
        string id = $"coinbase-{row["ID"]}", token = row.Token(row["Asset"], "Asset"), note = row["Notes"];
        decimal quantity = Math.Abs(row.Number("Quantity Transacted")), fee = row.Number("Fees and/or Spread", "Fees");
        DateTimeOffset time = row.Time("Timestamp");
        EntryKind? kind = type switch
        {
            "Buy" or "Advanced Trade Buy" or "Advance Trade Buy" => EntryKind.Buy,
            "Sell" or "Advanced Trade Sell" or "Advance Trade Sell" or "Convert" => EntryKind.Sell,
            "Receive" or "Deposit" or "Pro Withdrawal" or "Exchange Withdrawal" => EntryKind.Deposit,
            "Send" or "Withdrawal" or "Pro Deposit" or "Exchange Deposit" => EntryKind.Withdrawal,
            "Rewards Income" or "Reward Income" or "Staking Income" or "Inflation Reward" or "Learning Reward" or "Coinbase Earn" => EntryKind.Income,
            _ => null,
        };
        if (kind is null)
        {
            throw row.Bad("row.unsupported", $"'{type}' is no transaction that a ledger has an entry for", "Transaction Type");
        }

        // A transfer's price is what it was worth, not what it cost; the market knows that too.
        bool priced = kind is EntryKind.Buy or EntryKind.Sell or EntryKind.Income;
        string currency = priced ? row.Token(row["Price Currency", "Spot Price Currency"], "Price Currency", "Spot Price Currency") : "";
        decimal? price = priced ? UnitPrice(row, quantity) : null;
        yield return new(
            id, time, kind.Value, token, quantity, price, priced ? currency : null,
            fee == 0m || currency.Length == 0 ? [] : [new(fee, currency)], note.Length == 0 ? null : note);

        if (type == "Convert")
        {
            Match to = ConvertedTo().Match(note);
            if (!to.Success)
            {
                throw row.Bad("row.malformed", "'Converted 1.5 ETH to 0.1 BTC' was expected, which says what the asset was converted to", "Notes");
            }

            decimal acquired = row.NumberOf(to.Groups[1].Value, "Notes");
            decimal worth = row.Number("Subtotal");
            yield return new($"{id}-to", time, EntryKind.Buy, row.Token(to.Groups[2].Value, "Notes"), acquired, ((Amount)worth).DividedBy(acquired).ToDecimal(), currency, [], note);
        }
    }

    /// <summary>The price that is shown, unless it is so rounded that quantity times price is not the subtotal.</summary>
    private static decimal UnitPrice(LedgerRow row, decimal quantity)
    {
        decimal price = row.Number("Price at Transaction", "Spot Price at Transaction"), subtotal = Math.Abs(row.Number("Subtotal"));
        return subtotal == 0m || quantity == 0m || Amount.Abs((Amount)quantity * price - subtotal) < 0.005m
            ? price
            : ((Amount)subtotal).DividedBy(quantity).ToDecimal();
    }

    [GeneratedRegex(@"^Converted [\d.,]+ \S+ to ([\d.,]+) (\S+)$")]
    private static partial Regex ConvertedTo();
}
