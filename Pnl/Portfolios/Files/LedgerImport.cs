using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Pnl;

/// <summary>
/// What an export adds to a ledger. An entry is there already under its id, under the id that an earlier release gave it, or, where ids do not tell,
/// with the same content: Binance's trades and Coinbase's rows of old have none, and Kraken's two exports may name a trade in two ways. An entry that was corrected since it was imported stays as it is.
/// </summary>
/// <param name="Entries">What the ledger lacks, in the order of the file.</param>
/// <param name="Known">How many entries of the file the ledger has already.</param>
public sealed record LedgerImport(ImmutableArray<LedgerEntry> Entries, int Known)
{
    private const string Trades = "binance-", Statement = "binance-statement-", Transfers = "binance-transfer-";

    internal static LedgerImport Of(LedgerFile file, IEnumerable<LedgerEntry> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        if (!file.IsExport)
        {
            return new(file.Entries, 0);
        }

        HashSet<string> ids = new(file.Items.SelectMany(IdsOf), StringComparer.Ordinal), known = new(StringComparer.Ordinal);
        Dictionary<string, int> contents = []; // of entries whose ids are none of this file's
        (DateTimeOffset From, DateTimeOffset To)? range = file.Entries.IsEmpty ? null : (file.Entries.Min(entry => entry.Time), file.Entries.Max(entry => entry.Time));
        foreach (LedgerEntry entry in stored)
        {
            if (entry.Time >= range?.From && entry.Time <= range?.To)
            {
                RefuseTwice(file, entry);
            }

            if (ids.Contains(entry.Id))
            {
                known.Add(entry.Id);
            }
            else if (IsComparable(file, entry) && ContentOf(file, entry) is { } content)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(contents, content, out _)++;
            }
        }

        ImmutableArray<LedgerEntry>.Builder lacking = ImmutableArray.CreateBuilder<LedgerEntry>();
        foreach (LedgerFileItem item in file.Items.Where(item => !IdsOf(item).Any(known.Contains)))
        {
            // Each entry of the ledger is one of the file once: the second of two equal trades is there if the ledger has two of them.
            if (ContentOf(file, item.Entries[0]) is { } content && contents.TryGetValue(content, out int left) && left > 0)
            {
                contents[content] = left - 1;
            }
            else
            {
                lacking.AddRange(item.Entries);
            }
        }

        return new(lacking.ToImmutable(), file.Entries.Length - lacking.Count);
    }

    private static IEnumerable<string> IdsOf(LedgerFileItem item) => item.Entries.Select(entry => entry.Id).Append(item.FormerId).OfType<string>();

    /// <summary>Whether a stored entry may be one of a file though no id says so.</summary>
    private static bool IsComparable(LedgerFile file, LedgerEntry stored) => file.Format switch
    {
        "binance-trades" => IsTrade(stored),
        "coinbase" => IsCoinbaseRow(stored) || (stored.Id.StartsWith("coinbase-", StringComparison.Ordinal) && file.Items.Count > 0 && IsCoinbaseRow(file.Items[0].Entries[0])),
        "kraken-trades" or "kraken-ledgers" => stored.Kind.IsTrade() && stored.Id.StartsWith("kraken-", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>What an entry says, to be compared with others of the same exchange; null where ids alone tell.</summary>
    private static string? ContentOf(LedgerFile file, LedgerEntry entry) => file.Format switch
    {
        "binance-trades" => ContentOf(entry),
        "kraken-trades" or "kraken-ledgers" when !entry.Kind.IsTrade() => null,
        "coinbase" or "kraken-trades" or "kraken-ledgers" => string.Create(CultureInfo.InvariantCulture, $"{entry.Time.ToUnixTimeSeconds()} {entry.Kind} {entry.Token} {Plain(entry.Quantity)}"),
        _ => null,
    };

    /// <summary>What a trade says, the same for numbers that are equal.</summary>
    internal static string ContentOf(LedgerEntry entry) => string.Create(
        CultureInfo.InvariantCulture,
        $"{entry.Time.UtcTicks} {entry.Kind} {entry.Token} {Plain(entry.Quantity)} {Plain(entry.Price ?? 0m)} {entry.Currency} {string.Join(' ', entry.Fees.Select(fee => $"{Plain(fee.Amount)}{fee.Currency}"))}");

    private static string Plain(decimal number) => number.ToString("0.############################", CultureInfo.InvariantCulture);

    private static bool IsTrade(LedgerEntry entry) =>
        entry.Id.StartsWith(Trades, StringComparison.Ordinal) && !entry.Id.StartsWith(Statement, StringComparison.Ordinal) && !entry.Id.StartsWith(Transfers, StringComparison.Ordinal);

    private static bool IsCoinbaseRow(LedgerEntry entry) => entry.Id.StartsWith(CoinbaseHistory.RowId, StringComparison.Ordinal);

    /// <summary>Binance's statement has what its other exports have, without anything in common by which to know one from the other.</summary>
    private static void RefuseTwice(LedgerFile file, LedgerEntry stored)
    {
        if (!stored.Id.StartsWith(Trades, StringComparison.Ordinal) || !file.Format.StartsWith(Trades, StringComparison.Ordinal))
        {
            return;
        }

        bool isStatement = file.Format == "binance-statement", wasStatement = stored.Id.StartsWith(Statement, StringComparison.Ordinal);
        if (isStatement != wasStatement)
        {
            throw new LedgerFileException(
                $"{file.Source} is {file.Format}, and the ledger has entries of the same time from {(wasStatement ? "Binance's statement (transaction history), which has all of it" : "Binance's exports of trades, deposits or withdrawals, which the statement has too")}, such as {stored.Id}: "
                + "what is in both would count twice. Import the statement alone, or the other exports alone.");
        }
    }
}
