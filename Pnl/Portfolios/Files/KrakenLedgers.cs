using System.Collections.Immutable;
using System.Globalization;

namespace Pnl;

/// <summary>
/// Kraken's export of ledgers: a row for each asset and wallet that moves, those of one trade with one refid, however many they are. The fee of
/// a row is in its asset, and goes off besides the amount.
/// </summary>
internal sealed class KrakenLedgers : ILedgerFormat
{
    private const string NoGroup = "Unknown";
    private const string FeeCredits = "KFEE"; // points that pay fees: no token, and nowhere to be sold

    private static readonly TimeSpan LongestUnstaking = TimeSpan.FromDays(31);

    private readonly HashSet<long> _paired = []; // lines of movements whose other side is in the file

    public string Name => "kraken-ledgers";

    public string[] Columns { get; } = ["txid", "refid", "time", "type", "asset", "amount", "fee"];

    public string[] Numbers { get; } = ["amount", "fee"];

    public IEnumerable<LedgerRow[]> Group(IReadOnlyList<LedgerRow> rows)
    {
        Pair(rows);
        return rows.GroupBy(row => IsGroup(row["refid"]) ? row["refid"] : FormattableString.Invariant($"line {row.Line}")).Select(group => group.ToArray());
    }

    public IEnumerable<LedgerEntry> Read(LedgerRow[] rows)
    {
        // A movement that is under way stands there a first time without a txid.
        if (Array.Find(rows, row => row["txid"].Length == 0) is { } pending)
        {
            if (rows.Length == 1)
            {
                throw pending.Bad("row.unsupported", "it was under way: the row that counts has a txid", "txid");
            }

            rows = [.. rows.Where(row => row["txid"].Length > 0)];
            if (rows.Length == 0)
            {
                throw pending.Bad("row.unsupported", "it was under way: the row that counts has a txid", "txid");
            }
        }

        LedgerRow first = rows[0];
        string id = $"kraken-{(IsGroup(first["refid"]) ? first["refid"] : first["txid"])}";
        DateTimeOffset time = first.Time("time");
        Movement[] moves = [.. rows.Where(row => row["asset"] != FeeCredits).GroupBy(Asset).Select(Sum)];
        string? note = Credits(rows);
        if (moves.Length == 0)
        {
            throw first.Bad("row.unsupported", $"{FeeCredits} are credits that pay Kraken's fees: they have no rate, and are no part of a portfolio", "asset");
        }

        AssetQuantity[] given = [.. moves.Where(move => move.Amount < 0m).Select(move => new AssetQuantity(move.Asset, -move.Amount))];
        AssetQuantity[] acquired = [.. moves.Where(move => move.Amount > 0m).Select(move => new AssetQuantity(move.Asset, move.Amount))];
        ImmutableArray<TradeFee> fees = [.. moves.Where(move => move.Fee != 0m).Select(move => new TradeFee(move.Fee, move.Asset))];
        return (given.Length, acquired.Length) switch
        {
            (0, 0) => FeesAlone(first, id, time, fees, note),
            (0, 1) or (1, 0) => [Single([.. rows.Where(row => row["asset"] != FeeCredits)], id, time, moves.First(move => move.Amount != 0m), fees, note)],
            (0, _) or (_, 0) => throw first.Bad("row.unpaired", $"the rows with refid {first["refid"]} all go one way: a trade gives one asset for another", "refid"),
            _ when Array.Find(rows, row => row["asset"] != FeeCredits && !IsExchange(row["type"])) is { } other => throw Unknown(other),
            _ => new AssetExchange(id, time, given, acquired, fees, note).Entries(first.Table.Reading.TracksCash),
        };
    }

    private static IEnumerable<LedgerEntry> FeesAlone(LedgerRow first, string id, DateTimeOffset time, ImmutableArray<TradeFee> fees, string? note)
    {
        if (fees.IsEmpty)
        {
            throw first.Bad("row.internal", "what goes and what comes is the same, and has no fee: nothing changes", "amount");
        }

        foreach ((TradeFee fee, int i) in fees.Select((fee, i) => (fee, i)))
        {
            if (fee.Amount < 0m)
            {
                throw first.Bad("row.unsupported", $"a fee of {fee.Amount} {fee.Currency} that was given back is nothing that a ledger has an entry for: add it as income", "fee");
            }

            yield return new(i == 0 ? id : FormattableString.Invariant($"{id}-{i + 1}"), time, EntryKind.Fee, fee.Currency, fee.Amount, null, null, [], note);
        }
    }

    /// <summary>One asset that comes or goes by itself.</summary>
    private LedgerEntry Single(LedgerRow[] rows, string id, DateTimeOffset time, Movement move, ImmutableArray<TradeFee> fees, string? note)
    {
        LedgerRow row = rows[0];
        if (Array.Find(rows, other => (other["type"], other["subtype"]) != (row["type"], row["subtype"])) is { } mixed)
        {
            throw mixed.Bad("row.unpaired", $"the rows with refid {row["refid"]} are of several types, and move {move.Asset} alone", "type");
        }

        bool comes = move.Amount > 0m, isPaired = Array.TrueForAll(rows, one => _paired.Contains(one.Line));
        string subtype = row["subtype"];
        EntryKind kind = (row["type"], subtype) switch
        {
            ("deposit", _) when comes => EntryKind.Deposit,
            ("withdrawal", _) when !comes => EntryKind.Withdrawal,
            ("transfer", "spottostaking" or "spotfromstaking" or "stakingtospot" or "stakingfromspot" or "spottofutures" or "spotfromfutures") => throw Internal(row),
            ("earn", "allocation" or "deallocation" or "autoallocation" or "autodeallocation" or "migration") => throw Internal(row),
            ("custodytransfer", _) when isPaired => throw Internal(row),
            ("transfer" or "earn" or "staking", "") when isPaired => throw Internal(row),
            ("earn", "reward" or "airdrop" or "bonus") or ("staking" or "dividend" or "reward", _) when comes => EntryKind.Income,
            ("earn", "") when comes && !fees.IsEmpty => EntryKind.Income, // Kraken takes a commission of rewards, and nothing of what is moved
            ("earn", "") => throw row.Bad(
                "row.ambiguous", $"an earn row without a subtype is a reward or a movement between one's own wallets, and the other side of such a movement ({-move.Amount} {move.Asset}) is not in the file", "subtype"),
            ("transfer", "" or "airdrop" or "fork") when comes && !IsStaked(row["asset"]) => EntryKind.Income,
            ("trade" or "spend" or "receive" or "sale" or "settled" or "conversion", _) => throw row.Bad("row.unpaired", "the other side of this trade is not in the file", "refid"),
            _ => throw Unknown(row),
        };
        return new(id, time, kind, move.Asset, Math.Abs(move.Amount), null, null, fees, note);
    }

    private static RowRefusal Internal(LedgerRow row) => row.Bad("row.internal", "moves between accounts of one owner change nothing", "type");

    private static RowRefusal Unknown(LedgerRow row) => row.Bad(
        "row.unsupported",
        $"'{string.Join(" ", new[] { row["type"], row["subtype"] }.Where(part => part.Length > 0))}' of {row["amount"]} {row["asset"]} is nothing that Kraken's export of ledgers is known to say of one's own tokens: add it as an entry of the kind that it was",
        "type");

    private static bool IsExchange(string type) => type is "trade" or "spend" or "receive" or "sale" or "settled" or "conversion";

    private static bool IsGroup(string refid) => refid.Length > 0 && !refid.Equals(NoGroup, StringComparison.OrdinalIgnoreCase);

    private static bool IsStaked(string asset) => asset.EndsWith(".S", StringComparison.Ordinal) || asset.EndsWith(".M", StringComparison.Ordinal) || asset.EndsWith(".B", StringComparison.Ordinal);

    private static Movement Sum(IGrouping<string, LedgerRow> rows) => new(rows.Key, LedgerRow.Sum(rows, "amount"), LedgerRow.Sum(rows, "fee"));

    private static string Asset(LedgerRow row)
    {
        string symbol = KrakenSymbol.Plain(row["asset"], out string? other)
            ?? throw row.Bad(EntryCodes.TokenInvalid, $"'{row["asset"]}' ends in none of .S, .M, .F, .P, .B and .HOLD: whether it is a token is not known", "asset");
        return other is null ? row.Token(symbol, "asset")
            : throw row.Bad("row.ambiguous", $"'{row["asset"]}' is {symbol}, staked for a number of days, or {other}: neither or both are known", "asset");
    }

    private static string? Credits(LedgerRow[] rows) =>
        rows.Where(row => row["asset"] == FeeCredits) is { } points && (Amount)LedgerRow.Sum(points, "fee") - LedgerRow.Sum(points, "amount") is { IsZero: false } credits
            ? string.Create(CultureInfo.InvariantCulture, $"{credits} {FeeCredits}, Kraken's fee credits, paid besides")
            : null;

    /// <summary>Finds what goes out of one wallet and comes into another under refids of their own.</summary>
    private void Pair(IReadOnlyList<LedgerRow> rows)
    {
        Dictionary<(string Type, string Asset, decimal Amount), Queue<LedgerRow>> open = [];
        foreach (LedgerRow row in rows.Where(row => row["type"] is "earn" or "transfer" or "staking" or "custodytransfer" && row["subtype"].Length == 0))
        {
            try
            {
                if (row.Number("fee") != 0m || row.Number("amount") is not (not 0m and decimal amount))
                {
                    continue;
                }

                (string type, string asset, DateTimeOffset time) = (row["type"], Asset(row), row.Time("time"));
                if (open.TryGetValue((type, asset, -amount), out Queue<LedgerRow>? others) && others.TryDequeue(out LedgerRow? other))
                {
                    if ((time - other.Time("time")).Duration() <= LongestUnstaking)
                    {
                        _paired.Add(row.Line);
                        _paired.Add(other.Line);
                        continue;
                    }
                }

                if (!open.TryGetValue((type, asset, amount), out Queue<LedgerRow>? same))
                {
                    open.Add((type, asset, amount), same = new());
                }

                same.Enqueue(row);
            }
            catch (RowRefusal)
            {
                // Told when the row is read.
            }
        }
    }

    /// <summary>What an asset moves by in a group, over all wallets: below zero it goes.</summary>
    private readonly record struct Movement(string Asset, decimal Amount, decimal Fee);
}
