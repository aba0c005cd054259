using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>
/// Coinbase's transaction history, in its forms since 2021: with and without ids, with the account's currency in a column or in the names of
/// columns, conversions in one row whose note says what came of it or in two rows. Times are in UTC. What a row shows is in the account's
/// currency; what was paid by an advanced trade in another is in its note.
/// </summary>
internal sealed partial class CoinbaseHistory : ILedgerFormat
{
    /// <summary>How ids begin that are made of a row, since the export has none.</summary>
    public const string RowId = "coinbase-row-";

    private const decimal Cent = 0.011m; // amounts are shown to the cent: two of them may be off by one

    // Until 2021 the account's currency stood in the names of columns alone.
    private static readonly string[] Currencies = ["EUR", "USD", "GBP", "CAD", "AUD", "CHF", "SGD", "JPY", "PLN", "SEK", "DKK", "NOK", "BRL", "MXN", "INR"];
    private static readonly string[] Prices = ["Price at Transaction", "Spot Price at Transaction", .. Currencies.Select(currency => $"{currency} Spot Price at Transaction")];
    private static readonly string[] Subtotals = [.. Currencies.Select(currency => $"{currency} Subtotal")];

    private bool _hasIds = true;

    public string Name => "coinbase";

    public string[] Columns { get; } =
    [
        "Timestamp", "Transaction Type", "Asset", "Quantity Transacted", string.Join('|', ["Price Currency", "Spot Price Currency", .. Subtotals]), string.Join('|', Prices),
        string.Join('|', ["Subtotal", .. Subtotals]), "Notes",
    ];

    public string[] Numbers { get; } = ["Quantity Transacted", "Price at Transaction", "Spot Price at Transaction", "Subtotal"];

    public bool HasIds => _hasIds;

    /// <summary>A conversion may be two rows: of one id, or without ids of one time.</summary>
    public IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows)
    {
        _hasIds = rows.Count == 0 || rows[0].Has("ID");
        Dictionary<string, LedgerRow[]> pairs = [];
        foreach (Func<LedgerRow, string> key in (Func<LedgerRow, string>[])[row => $"id {row["ID"]}", row => $"time {row["Timestamp"]}"])
        {
            foreach (IGrouping<string, LedgerRow> group in rows.Where(row => IsHalf(row) && key(row) != "id " && !pairs.ContainsKey(Line(row))).GroupBy(key).ToArray())
            {
                if (group.ToArray() is [LedgerRow one, LedgerRow other] && Sign(one) * Sign(other) < 0)
                {
                    (pairs[Line(one)], pairs[Line(other)]) = ([one, other], []);
                }
            }
        }

        return rows.Select(row => pairs.TryGetValue(Line(row), out LedgerRow[]? pair) ? pair : [row]).Where(group => group.Length > 0);

        static string Line(LedgerRow row) => row.Line.ToString(CultureInfo.InvariantCulture);

        static bool IsHalf(LedgerRow row) => row["Transaction Type"] == "Convert" && !ConvertedTo().IsMatch(row["Notes"]);

        static int Sign(LedgerRow row) => row["Quantity Transacted"].StartsWith('-') ? -1 : 1;
    }

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        string type = row["Transaction Type"], note = row["Notes"], token = Asset(row);
        string id = _hasIds ? $"coinbase-{row["ID"]}" : $"{RowId}{LedgerRow.HashOf(Meaning(rows))}";
        string? kept = note.Length == 0 ? null : note;
        decimal signed = row.Number("Quantity Transacted"), quantity = Math.Abs(signed);
        DateTimeOffset time = row.Time("Timestamp");
        switch (type)
        {
            case "Convert":
                return (rows.Length == 2 ? TwoRows(rows, id, time) : OneRow(row, id, time, token, quantity, note)).Entries(row.Table.Reading.TracksCash);
            case "Advanced Trade Buy" or "Advance Trade Buy" or "Advanced Trade Sell" or "Advance Trade Sell" when InAnotherQuote(row, id, time, token, quantity, type.EndsWith("Buy", StringComparison.Ordinal), note) is { } trade:
                return trade.Entries(row.Table.Reading.TracksCash);
            case "Retail Staking Transfer" or "Retail Unstaking Transfer" or "Retail Eth2 Deprecation" or "Staking Transfer" or "Unstaking Transfer" or "Vault Deposit" or "Vault Withdrawal":
                throw row.Bad("row.internal", "moves between accounts of one owner change nothing", "Transaction Type");
        }

        EntryKind kind = type switch
        {
            "Buy" or "Advanced Trade Buy" or "Advance Trade Buy" => EntryKind.Buy,
            "Sell" or "Advanced Trade Sell" or "Advance Trade Sell" => EntryKind.Sell,
            "Receive" when IsReward(note) => EntryKind.Income,
            "Receive" or "Deposit" or "Fiat Deposit" or "Pro Withdrawal" or "Exchange Withdrawal" => EntryKind.Deposit,
            "Send" or "Withdrawal" or "Fiat Withdrawal" or "Pro Deposit" or "Exchange Deposit" => EntryKind.Withdrawal,
            "Rewards Income" or "Reward Income" or "Staking Income" or "Inflation Reward" or "Learning Reward" or "Coinbase Earn" or "Incentives Rewards Payout" or "Subscription Rebate" => EntryKind.Income,
            "Subscription" => EntryKind.Fee,
            _ => throw row.Bad(
                "row.unsupported", $"'{type}' is no transaction of Coinbase's history that a ledger is known to have an entry for: add it as an entry of the kind that it was", "Transaction Type"),
        };
        if (signed < 0m && kind is EntryKind.Deposit or EntryKind.Income)
        {
            throw row.Bad("row.unsupported", $"'{type}' of {signed} takes away what such a transaction brings: add it as an entry of the kind that it was", "Quantity Transacted");
        }

        // A transfer's price is what it was worth, not what it cost; the market knows that too.
        bool priced = (kind.IsTrade() || kind == EntryKind.Income) && Currency(row) != token;
        (decimal value, decimal fee) = kind.IsTrade() ? Paid(row, quantity, kind == EntryKind.Buy) : (Math.Abs(Money(row, "Subtotal")), kind == EntryKind.Income ? Math.Abs(Fee(row) ?? 0m) : 0m);
        return
        [
            new(
                id, time, kind, token, quantity, priced ? UnitPrice(row, quantity, value, kind == EntryKind.Buy) : null, priced ? Currency(row) : null,
                fee == 0m ? [] : [new(fee, Currency(row))], kept),
        ];
    }

    /// <summary>A conversion whose note says what the asset was converted to.</summary>
    private static AssetExchange OneRow(LedgerRow row, string id, DateTimeOffset time, string token, decimal quantity, string note)
    {
        Match to = ConvertedTo().Match(note);
        if (!to.Success)
        {
            throw row.Bad("row.unpaired", "'Converted 1.5 ETH to 0.1 BTC' was expected, which says what the asset was converted to, or a second row of this conversion", "Notes");
        }

        // What was given is worth more than what was acquired, by the fee: the totals say which is which.
        decimal subtotal = Math.Abs(Money(row, "Subtotal")), total = Math.Abs(Total(row) ?? subtotal);
        decimal spread = Math.Abs(subtotal - total), fee = spread > 0m ? spread : Math.Abs(Fee(row) ?? 0m);
        decimal given = spread > 0m ? Math.Max(subtotal, total) : subtotal;
        decimal acquired = row.NumberOf(to.Groups[1].Value, "Notes");
        return Exchange(row, id, time, new(token, quantity), new(Symbol(row, to.Groups[2].Value, "Notes"), acquired), given, given - fee, fee, note);
    }

    /// <summary>A conversion of which each side has a row.</summary>
    private static AssetExchange TwoRows(LedgerRow[] rows, string id, DateTimeOffset time)
    {
        (LedgerRow from, LedgerRow to) = rows[0].Number("Quantity Transacted") < 0m ? (rows[0], rows[1]) : (rows[1], rows[0]);
        decimal fee = rows.Sum(row => Math.Abs(Fee(row) ?? 0m));
        decimal given = Math.Max(Math.Abs(Money(from, "Subtotal")), Math.Abs(Total(from) ?? 0m)), acquired = Math.Abs(Money(to, "Subtotal"));
        fee = given > acquired ? given - acquired : fee;
        string note = rows.Select(row => row["Notes"]).FirstOrDefault(text => text.Length > 0) ?? "";
        return Exchange(
            from, id, time, new(Asset(from), Math.Abs(from.Number("Quantity Transacted"))), new(Asset(to), Math.Abs(to.Number("Quantity Transacted"))), given, given - fee, fee, note);
    }

    private static AssetExchange Exchange(
        LedgerRow row, string id, DateTimeOffset time, AssetQuantity given, AssetQuantity acquired, decimal worthGiven, decimal worthAcquired, decimal fee, string note)
    {
        if (given.Quantity == 0m || acquired.Quantity == 0m || worthAcquired < 0m)
        {
            throw row.Bad("row.malformed", $"{given.Quantity} {given.Asset} worth {worthGiven} for {acquired.Quantity} {acquired.Asset} worth {worthAcquired} is no conversion", "Subtotal");
        }

        if (given.Asset == acquired.Asset)
        {
            throw row.Bad("row.internal", "the same asset under another name: nothing changes", "Asset");
        }

        // A fee of a conversion is within what was given: it is paid by no one besides.
        return new(id, time, [given], [acquired], [], note.Length == 0 ? null : note)
        {
            Worth = worthGiven == 0m ? null : (worthGiven, worthAcquired, Currency(row)),
            WorthOfFees = fee,
        };
    }

    /// <summary>An advanced trade that was paid in something else than the account's currency; null if it was not.</summary>
    private static AssetExchange? InAnotherQuote(LedgerRow row, string id, DateTimeOffset time, string token, decimal quantity, bool buys, string note)
    {
        Match paid = AdvancedTrade().Match(note);
        if (!paid.Success || Symbol(row, paid.Groups["quote"].Value, "Notes") is not { } quote || quote == Currency(row) || quantity == 0m)
        {
            return null;
        }

        // What is paid has the fee in it, what is received has it off.
        decimal total = row.NumberOf(paid.Groups["total"].Value, "Notes"), price = row.NumberOf(paid.Groups["price"].Value, "Notes");
        (decimal worth, decimal worthOfFee) = Paid(row, quantity, buys);
        decimal fee = FeeInQuote(row, total, (Amount)quantity * price, worth, worthOfFee, buys), value = buys ? total - fee : total + fee;
        AssetQuantity asset = new(token, quantity), money = new(quote, value);
        if (value <= 0m)
        {
            throw row.Bad("row.malformed", $"{total} {quote} is nothing that {quantity} {token} were traded for", "Notes");
        }

        return new(id, time, [buys ? money : asset], [buys ? asset : money], fee == 0m ? [] : [new(fee, quote)], note)
        {
            Worth = worth == 0m ? null : (worth, worth, Currency(row)),
        };
    }

    /// <summary>The fee in the quote: the rest of the total; or, where that is more than rounding could make of it, the share of it that it has in the account's currency.</summary>
    private static decimal FeeInQuote(LedgerRow row, decimal total, Amount gross, decimal worth, decimal worthOfFee, bool buys)
    {
        if (worthOfFee == 0m || worth == 0m)
        {
            return 0m;
        }

        Amount paid = buys ? (Amount)worth + worthOfFee : (Amount)worth - worthOfFee;
        if (paid.Sign <= 0)
        {
            throw row.Bad("row.malformed", $"a fee of {worthOfFee} is all that the trade was worth", "Subtotal");
        }

        Amount share = ((Amount)total * worthOfFee).DividedBy(paid);
        Amount rest = buys ? total - gross : gross - total;
        return rest.Sign > 0 && Amount.Abs(rest - share) <= share * 0.25m && rest.TryToDecimal(out decimal exact)
            ? exact
            : Math.Round(share.ToNearestDecimal(), 8);
    }

    /// <summary>
    /// What a trade was worth without its fee, and the fee. The subtotal is either, as the arithmetic tells: by the total, which has the fee in
    /// it, and where that is the same, by quantity times price.
    /// </summary>
    private static (decimal Value, decimal Fee) Paid(LedgerRow row, decimal quantity, bool buys)
    {
        decimal subtotal = Math.Abs(Money(row, "Subtotal")), total = Math.Abs(Total(row) ?? 0m), spread = Math.Abs(total - subtotal);
        Amount gross = (Amount)quantity * Math.Abs(row.Number(Prices));
        if (subtotal == 0m)
        {
            subtotal = gross.ToNearestDecimal();
            return (subtotal, Math.Abs(Fee(row) ?? 0m));
        }

        decimal fee = Math.Abs(Fee(row) ?? (total == 0m ? 0m : spread));
        if (fee == 0m || total == 0m || Math.Abs(spread - fee) <= Cent)
        {
            // The larger of both is what was paid, the smaller what was received.
            decimal value = total == 0m || spread == 0m || fee == 0m ? subtotal : buys ? Math.Min(subtotal, total) : Math.Max(subtotal, total);
            return fee == 0m || total == 0m || spread > 0m ? (value, fee) : ByPrice();
        }

        return spread <= Cent ? ByPrice()
            : throw row.Bad("row.malformed", $"subtotal {subtotal}, total {total} and fee {fee} do not add up", "Subtotal");

        (decimal Value, decimal Fee) ByPrice()
        {
            // Subtotal and total are the same, and there is a fee: it is in both of them or in none.
            decimal without = buys ? subtotal - fee : subtotal + fee;
            bool isWithin = without > 0m && !gross.IsZero && Amount.Abs(gross - without) < Amount.Abs(gross - subtotal);
            return (isWithin ? without : subtotal, fee);
        }
    }

    /// <summary>The price that is shown, unless it is so rounded that quantity times price is not the value.</summary>
    private static decimal UnitPrice(LedgerRow row, decimal quantity, decimal value, bool isPaid)
    {
        decimal price = Math.Abs(row.Number(Prices));
        return value == 0m || quantity == 0m || Amount.Abs((Amount)quantity * price - value) < 0.005m ? price : AssetExchange.UnitPrice(value, quantity, isPaid);
    }

    private static decimal Money(LedgerRow row, string name) => row.Number(name, Named(row, name));

    private static decimal? Total(LedgerRow row) => Optional(row, "Total (inclusive of fees and/or spread)", "Total (inclusive of fees)", "Total");

    private static decimal? Fee(LedgerRow row) => Optional(row, "Fees and/or Spread", "Fees");

    private static decimal? Optional(LedgerRow row, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            string column = Named(row, name);
            if (row[name, column].Length > 0)
            {
                return row.Number(name, column);
            }
        }

        return null;
    }

    /// <summary>A column as it was called until 2021, with the account's currency before it: <c>EUR Subtotal</c>.</summary>
    private static string Named(LedgerRow row, string name) =>
        row.Table.Header.FirstOrDefault(column => column.Length == name.Length + 4 && column[3] == ' ' && column.EndsWith(name, StringComparison.Ordinal)) ?? name;

    private static string Currency(LedgerRow row)
    {
        string[] names = ["Price Currency", "Spot Price Currency"];
        return row.Has(names) ? row.Token(row[names], names) : row.Token(Named(row, "Subtotal")[..3], "Subtotal");
    }

    private static string Asset(LedgerRow row) => Symbol(row, row["Asset"], "Asset");

    /// <summary>The token of a symbol; ETH2 was Coinbase's name for ether that is staked.</summary>
    private static string Symbol(LedgerRow row, string symbol, string column) => row.Token(symbol switch { "ETH2" => "ETH", "CGLD" => "CELO", _ => symbol }, column);

    private static bool IsReward(string note) => Rewards().IsMatch(note);

    /// <summary>What the rows of a transaction say, whichever program has saved them.</summary>
    private static string Meaning(LedgerRow[] rows) => string.Join('\n', rows.Select(row => string.Create(
        CultureInfo.InvariantCulture,
        $"{row.Time("Timestamp").UtcTicks}|{row["Transaction Type"]}|{row["Asset"]}|{row.Number("Quantity Transacted"):0.############################}|{Money(row, "Subtotal"):0.############################}|{row["Notes"]}")));

    [GeneratedRegex(@"^Converted [\d.,]+ \S+ to ([\d.,]*\d) (\S+?)\.?$")]
    private static partial Regex ConvertedTo();

    [GeneratedRegex(@"^(?:Bought|Sold) \S+ \S+ for (?<total>[\d.,]*\d) (?<quote>\S+) on \S+ at (?<price>[\d.,]*\d) \S+/\S+$")]
    private static partial Regex AdvancedTrade();

    [GeneratedRegex(@" from Coinbase (Earn|Rewards?|Referral|Learn)\b")]
    private static partial Regex Rewards();
}
