namespace Pnl;

/// <summary>
/// What an entry of a ledger does. At one and the same time, entries count in the order in which the kinds stand here:
/// what comes in is there before what goes out, so that a purchase and a sale of one second do not depend on which
/// arrived first. Where that order gives away what comes only later at that time, they count in one that is possible.
/// </summary>
public enum EntryKind : byte
{
    /// <summary>One old unit of the token becomes <see cref="LedgerEntry.Quantity"/> new ones, at the same cost.</summary>
    Redenomination,

    /// <summary>A transfer in. With a price, that is its cost basis; without, it comes in at market value.</summary>
    Deposit,

    /// <summary>Staking, airdrop, mining: acquired at market value, and the value is income.</summary>
    Income,

    /// <summary>A purchase.</summary>
    Buy,

    /// <summary>A sale.</summary>
    Sell,

    /// <summary>A fee by itself, such as gas: the token is disposed of at market value.</summary>
    Fee,

    /// <summary>A transfer out, at market value.</summary>
    Withdrawal,
}

/// <summary>The names of <see cref="EntryKind"/> in the API.</summary>
public static class EntryKinds
{
    private static readonly string[] Names = ["redenomination", "deposit", "income", "buy", "sell", "fee", "withdrawal"];

    /// <summary>All names, for messages.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name, such as <c>buy</c>.</summary>
    public static string Name(this EntryKind kind) => Names[(int)kind];

    /// <summary>Reads a name, in lower case.</summary>
    public static bool TryParse(string name, out EntryKind kind)
    {
        int i = Array.IndexOf(Names, name);
        kind = (EntryKind)Math.Max(i, 0);
        return i >= 0;
    }

    /// <summary>Whether it is a purchase or a sale.</summary>
    public static bool IsTrade(this EntryKind kind) => kind is EntryKind.Buy or EntryKind.Sell;
}
