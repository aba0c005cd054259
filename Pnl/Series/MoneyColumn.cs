namespace Pnl;

/// <summary>
/// A column of exact money. Nearly always decimals hold it, and it is no more than an array of them; from the first value on
/// that needs more digits, <see cref="Exact"/> holds all values beside. Not for several threads at once while it is filled.
/// </summary>
/// <param name="nearest">The nearest decimals; kept, not copied.</param>
/// <param name="exact">As many values with every digit; null where the decimals are exact.</param>
public sealed class MoneyColumn(decimal[] nearest, Amount[]? exact)
{
    /// <summary>Zeros, to be filled.</summary>
    /// <param name="length">The number of values.</param>
    public MoneyColumn(int length)
        : this(new decimal[length], null)
    {
    }

    /// <summary>The nearest decimals, see <see cref="Amount.ToNearestDecimal"/>.</summary>
    public decimal[] Nearest => nearest;

    /// <summary>The values with every digit; null where <see cref="Nearest"/> holds every digit of each.</summary>
    public Amount[]? Exact { get; private set; } = exact;

    /// <summary>The number of values.</summary>
    public int Length => Nearest.Length;

    /// <summary>A value with every digit.</summary>
    /// <param name="i">Its place, from 0.</param>
    public Amount this[int i]
    {
        get => Exact is { } exact ? exact[i] : Nearest[i];
        set
        {
            if (value.TryToDecimal(out decimal same))
            {
                Set(i, same);
            }
            else
            {
                Exact ??= Array.ConvertAll(Nearest, static known => (Amount)known);
                (Nearest[i], Exact[i]) = (value.ToNearestDecimal(), value);
            }
        }
    }

    /// <summary>The column of some values.</summary>
    public static MoneyColumn Of(IReadOnlyList<Amount> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        MoneyColumn column = new(values.Count);
        for (int i = 0; i < values.Count; i++)
        {
            column[i] = values[i];
        }

        return column;
    }

    /// <summary>A new column of what is made of each value.</summary>
    public MoneyColumn Select(Func<Amount, Amount> of)
    {
        ArgumentNullException.ThrowIfNull(of);
        MoneyColumn column = new(Length);
        for (int i = 0; i < Length; i++)
        {
            column[i] = of(this[i]);
        }

        return column;
    }

    /// <summary>Sets a value to a difference.</summary>
    internal void SetDifference(int i, decimal a, decimal b)
    {
        if (ExactDecimals.TrySubtract(a, b, out decimal difference))
        {
            Set(i, difference);
        }
        else
        {
            this[i] = (Amount)a - b;
        }
    }

    /// <summary>The column of so many times the values.</summary>
    internal MoneyColumn Times(decimal quantity)
    {
        MoneyColumn column = new(Length);
        for (int i = 0; i < Length; i++)
        {
            if (Exact is null && ExactDecimals.TryMultiply(Nearest[i], quantity, out decimal product))
            {
                column.Set(i, product);
            }
            else
            {
                column[i] = this[i] * quantity;
            }
        }

        return column;
    }

    /// <summary>Sets a value to the one before it.</summary>
    internal void Repeat(int i)
    {
        Nearest[i] = Nearest[i - 1];
        if (Exact is { } exact)
        {
            exact[i] = exact[i - 1];
        }
    }

    private void Set(int i, decimal value)
    {
        Nearest[i] = value;
        if (Exact is { } exact)
        {
            exact[i] = value;
        }
    }
}
