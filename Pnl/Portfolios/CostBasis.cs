namespace Pnl;

/// <summary>
/// Which lots a disposal consumes. The method moves profit between realised and unrealised; the total is the same.
/// </summary>
public enum CostBasis : byte
{
    /// <summary>First in, first out: the oldest lot.</summary>
    Fifo,

    /// <summary>Last in, first out: the newest lot.</summary>
    Lifo,

    /// <summary>Highest in, first out: the lot that was opened at the highest price in the base currency, of equal ones the oldest.</summary>
    Hifo,

    /// <summary>Average cost: one lot at the moving average of what was acquired since the position was last flat.</summary>
    Avco,
}

/// <summary>The names of <see cref="CostBasis"/> in the API.</summary>
public static class CostBases
{
    private static readonly string[] Names = ["fifo", "lifo", "hifo", "avco"];

    /// <summary>All names, for messages.</summary>
    public static string AllNames => string.Join(", ", Names);

    /// <summary>The name, such as <c>fifo</c>.</summary>
    public static string Name(this CostBasis basis) => Names[(int)basis];

    /// <summary>Reads a name, in lower case.</summary>
    public static bool TryParse(string name, out CostBasis basis)
    {
        int i = Array.IndexOf(Names, name);
        basis = (CostBasis)Math.Max(i, 0);
        return i >= 0;
    }
}
