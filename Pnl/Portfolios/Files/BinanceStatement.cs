using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Pnl;

/// <summary>
/// Binance's statement, which it calls transaction history: a row for each change of a balance, and the only export that has all of them. It
/// gives no ids: rows of one second that are of one kind of exchange belong together.
/// </summary>
internal sealed class BinanceStatement : ILedgerFormat
{
    private static readonly FrozenDictionary<string, Operation> Operations = new (Operation Does, string Names)[]
    {
        (Operation.Deposit, "deposit|fiat deposit|crypto deposit"),
        (Operation.Withdrawal, "withdraw|withdrawal|fiat withdraw|fiat withdrawal|crypto withdrawal"),
        (Operation.Trade, "buy|sell|fee|transaction related|transaction buy|transaction sell|transaction sold|transaction spend|transaction revenue|transaction fee"),
        (Operation.Convert, "binance convert|convert"),
        (Operation.Otc, "large otc trading|otc trading"),
        (Operation.Dust, "small assets exchange bnb|small assets exchange bnb (spot)|small assets exchange"),
        (Operation.Purchase, "buy crypto|buy crypto with fiat|buy crypto with card|auto-invest transaction|stablecoins auto-conversion"),
        (Operation.Income,
            "simple earn flexible interest|simple earn locked rewards|simple earn flexible airdrop|simple earn locked airdrop|simple earn locked interest|savings interest|savings distribution|"
            + "pos savings interest|staking rewards|eth 2.0 staking rewards|bnb vault rewards|rewards distribution|distribution|airdrop assets|hodler airdrops distribution|megadrop rewards|"
            + "launchpool interest|launchpool airdrop|launchpool airdrop - user claim distribution|launchpool airdrop - system distribution|launchpool earnings withdrawal|swap farming rewards|liquid swap rewards|"
            + "referral kickback|referral commission|referrer commission|referee commission|commission history|commission rebate|commission fee shared with you|mission reward distribution|"
            + "cash voucher distribution|cash voucher|cashback voucher|token voucher distribution|super bnb mining|crypto box"),
        (Operation.Internal,
            "simple earn flexible subscription|simple earn flexible redemption|simple earn locked subscription|simple earn locked redemption|savings purchase|savings principal redemption|"
            + "pos savings purchase|pos savings redemption|staking purchase|staking redemption|bnb vault subscription|bnb vault redemption|launchpool subscription|launchpool subscription/redemption|launchpool redemption|"
            + "transfer between main and funding wallet|main and funding account transfer|transfer between main account and margin account|transfer between spot account and um futures account|"
            + "transfer between spot account and cm futures account|transfer between main account/futures and margin account|transfer_in|transfer_out|isolated margin loan transfer|asset - transfer|transfer between main account and futures account"),
    }.SelectMany(each => each.Names.Split('|').Select(name => (name, each.Does))).ToFrozenDictionary(each => each.name, each => each.Does, StringComparer.OrdinalIgnoreCase);

    public string Name => "binance-statement";

    public string[] Columns { get; } = ["UTC_Time|Time|Date(UTC)", "Account", "Operation", "Coin", "Change"];

    public string[] Numbers { get; } = ["Change"];

    public bool HasIds => false;

    public bool HasShortYears => true;

    /// <summary>What a row does to the tokens that one owns.</summary>
    private enum Operation : byte
    {
        Unknown,
        Deposit,
        Withdrawal,
        Income,
        Internal,
        Trade,
        Convert,
        Otc,
        Dust,
        Purchase,
    }

    public IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows) => rows
        .GroupBy(row => Of(row) is >= Operation.Trade and Operation does ? $"{row["UTC_Time", "Time", "Date(UTC)"]}|{row["Account"]}|{does}" : row.Line.ToString(CultureInfo.InvariantCulture))
        .Select(group => group.ToArray());

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        LedgerRow row = rows[0];
        Operation does = Of(row);
        DateTimeOffset time = row.Time("UTC_Time", "Time", "Date(UTC)");
        string id = $"binance-statement-{LedgerRow.HashOf(Meaning(rows, time, does))}";
        if (does >= Operation.Trade)
        {
            return Exchange(rows, id, time);
        }

        decimal change = row.Number("Change");
        string token = row.Token(row["Coin"], "Coin");
        EntryKind kind = does switch
        {
            Operation.Deposit when change > 0m => EntryKind.Deposit,
            Operation.Withdrawal when change < 0m => EntryKind.Withdrawal,
            Operation.Income when change > 0m => EntryKind.Income,
            Operation.Internal => throw row.Bad("row.internal", "moves between accounts of one owner change nothing", "Operation"),
            _ => throw row.Bad(
                "row.unsupported", $"'{row["Operation"]}' of {row["Change"]} {row["Coin"]} is nothing that Binance's statement is known to say of one's own tokens: add it as an entry of the kind that it was", "Operation"),
        };
        return [new(id, time, kind, token, Math.Abs(change), null, null, [], Note(rows))];
    }

    private static IEnumerable<LedgerEntry> Exchange(LedgerRow[] rows, string id, DateTimeOffset time)
    {
        LedgerRow first = rows[0];
        ImmutableArray<TradeFee> fees = [.. Sums(rows.Where(IsFee)).Where(fee => fee.Quantity != 0m).Select(fee => new TradeFee(-fee.Quantity, fee.Asset))];
        AssetQuantity[] moves = Sums(rows.Where(row => !IsFee(row))), given = [.. moves.Where(move => move.Quantity < 0m).Select(move => move with { Quantity = -move.Quantity })], acquired = Array.FindAll(moves, move => move.Quantity > 0m);
        if (given.Length == 0 && acquired.Length == 0)
        {
            if (fees.IsEmpty)
            {
                throw first.Bad("row.internal", "what goes and what comes is the same: nothing changes", "Change");
            }

            return fees.Select((fee, i) => fee.Amount > 0m
                ? new LedgerEntry(i == 0 ? id : FormattableString.Invariant($"{id}-{i + 1}"), time, EntryKind.Fee, fee.Currency, fee.Amount, null, null, [], Note(rows))
                : throw first.Bad("row.unsupported", $"a fee of {-fee.Amount} {fee.Currency} that was given back is nothing that a ledger has an entry for: add it as income", "Change"));
        }

        if (given.Length == 0 || acquired.Length == 0)
        {
            throw first.Bad(
                "row.unpaired", $"'{first["Operation"]}' has nothing at its time that was {(given.Length == 0 ? "given for it" : "acquired for it")}: the statement is cut, or Binance's trade history is wanted", "Operation");
        }

        return Of(first) is Operation.Dust || (given.Length == 1 && acquired.Length == 1)
            ? new AssetExchange(id, time, given, acquired, fees, Note(rows)).Entries(first.Table.Reading.TracksCash)
            : throw first.Bad(
                "row.ambiguous",
                $"in one second {string.Join(", ", given.Select(each => each.Asset))} were given for {string.Join(", ", acquired.Select(each => each.Asset))}, and the statement does not say which for which: Binance's trade history (Orders > Spot Order > Trade History) does", "Operation");
    }

    private static AssetQuantity[] Sums(IEnumerable<LedgerRow> rows) =>
        [.. rows.GroupBy(row => row.Token(row["Coin"], "Coin"), StringComparer.Ordinal).Select(coin => new AssetQuantity(coin.Key, LedgerRow.Sum(coin, "Change")))];

    private static bool IsFee(LedgerRow row) => row["Operation"].EndsWith("fee", StringComparison.OrdinalIgnoreCase);

    private static Operation Of(LedgerRow row) => Operations.GetValueOrDefault(row["Operation"]);

    private static string? Note(LedgerRow[] rows)
    {
        string note = string.Join("; ", rows.Select(row => row["Remark"]).Where(remark => remark.Length > 0).Distinct().Prepend(rows[0]["Operation"]));
        return note.Length <= EntryCheck.MaxNoteLength ? note : note[..EntryCheck.MaxNoteLength];
    }

    /// <summary>What the rows of a group say, in whichever order they stand and whichever program has saved them.</summary>
    private static string Meaning(LedgerRow[] rows, DateTimeOffset time, Operation does) => string.Join('\n', rows
        .Select(row => string.Create(CultureInfo.InvariantCulture, $"{row["Account"]}|{(does >= Operation.Trade ? "" : row["Operation"])}|{row["Coin"]}|{row.Number("Change"):0.############################}"))
        .Order(StringComparer.Ordinal).Prepend(time.UtcTicks.ToString(CultureInfo.InvariantCulture)));
}
