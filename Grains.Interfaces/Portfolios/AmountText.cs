namespace Pnl.Grains;

/// <summary>An <see cref="Amount"/> as it travels: all its digits.</summary>
/// <param name="Digits">Such as <c>-0.05</c>.</param>
[GenerateSerializer, Immutable, Alias("Pnl.Amount")]
public readonly record struct AmountText([property: Id(0)] string Digits);

/// <summary>Writes amounts down and reads them.</summary>
[RegisterConverter]
internal sealed class AmountConverter : IConverter<Amount, AmountText>
{
    /// <inheritdoc/>
    public Amount ConvertFromSurrogate(in AmountText surrogate) => Amount.Parse(surrogate.Digits);

    /// <inheritdoc/>
    public AmountText ConvertToSurrogate(in Amount value) => new(value.ToString());
}
