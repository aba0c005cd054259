namespace Pnl.Grains;

/// <summary>An <see cref="Amount"/> on the wire.</summary>
/// <param name="Digits">All its digits, where a decimal does not hold them; else null.</param>
/// <param name="Value">The decimal that it is.</param>
[GenerateSerializer, Immutable, Alias("Pnl.Amount")]
public readonly record struct AmountText([property: Id(0)] string? Digits, [property: Id(1)] decimal Value = 0m);

/// <summary>A <see cref="MoneyColumn"/> on the wire.</summary>
/// <param name="Nearest">As of the column.</param>
/// <param name="Exact">As of the column.</param>
[GenerateSerializer, Immutable, Alias("Pnl.MoneyColumn")]
public readonly record struct MoneyColumnValues([property: Id(0)] decimal[] Nearest, [property: Id(1)] Amount[]? Exact);

[RegisterConverter]
internal sealed class AmountConverter : IConverter<Amount, AmountText>
{
    public Amount ConvertFromSurrogate(in AmountText surrogate) => surrogate.Digits is { } digits ? Amount.Parse(digits) : surrogate.Value;

    public AmountText ConvertToSurrogate(in Amount value) => value.TryToDecimal(out decimal same) ? new(null, same) : new(value.ToString());
}

[RegisterConverter]
internal sealed class MoneyColumnConverter : IConverter<MoneyColumn, MoneyColumnValues>
{
    public MoneyColumn ConvertFromSurrogate(in MoneyColumnValues surrogate) => new(surrogate.Nearest, surrogate.Exact);

    public MoneyColumnValues ConvertToSurrogate(in MoneyColumn value) => new(value.Nearest, value.Exact);
}
