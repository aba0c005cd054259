namespace Pnl;

/// <summary>Exports that are known and are not the ones wanted, with a word on which is.</summary>
internal static class UnreadExports
{
    private static readonly (string[] Columns, string Text)[] Known =
    [
        (["OrderNo", "Pair", "Side", "Status"], "Binance's history of orders, which says neither what was filled nor the fees. Export the trade history (Orders > Spot Order > Trade History), or the statement (Wallet > Transaction History)."),
        (["Symbol", "Realized Profit"], "Binance's history of futures trades, which move no tokens of a portfolio. Export the spot trade history, or the statement (Wallet > Transaction History)."),
        (["txid", "userref", "pair", "vol_exec"], "Kraken's export of orders. Export ledgers (History > Export > Ledgers), which has all that moved."),
        (["portfolio", "trade id", "product", "side", "size"], "Coinbase Pro's export of fills. Export Coinbase's transaction history (Statements > Transactions > CSV), which has all that moved."),
        (["portfolio", "type", "time", "amount", "balance", "amount/balance unit"], "Coinbase Pro's statement of an account. Export Coinbase's transaction history (Statements > Transactions > CSV)."),
        (["Transaction Type", "Asset Acquired", "Asset Disposed"], "Coinbase's report of gains and losses, which is computed. Export the transaction history (Statements > Transactions > CSV)."),
    ];

    /// <summary>What a file of this header is, and which export is wanted in its place; null if it is none of these.</summary>
    public static string? Refusal(List<string> header) => Array.Find(
        Known, export => Array.TrueForAll(export.Columns, column => header.Exists(name => LedgerTable.WithoutZone(name).StartsWith(column, StringComparison.OrdinalIgnoreCase)))).Text;
}
