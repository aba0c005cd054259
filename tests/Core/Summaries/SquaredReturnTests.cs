using System.Numerics;
using CsCheck;

namespace Pnl.Tests.Core.Summaries;

public sealed class SquaredReturnTests
{
    // Log returns of any size, as coarse as most are and to the last bit, and those about the sizes at which rounding changes.
    private static readonly Gen<Int128> Returns = Gen.OneOf(
        Gen.Select(Gen.ULong, Gen.Int[0, 80]).Select((bits, shift) => (Int128)(bits >> (shift % 64)) << (LogReturn.CoarseBits - (shift > 64 ? 16 : 0))),
        Gen.Select(Gen.ULong, Gen.Int[0, 62]).Select((bits, shift) => (Int128)bits << shift),
        Gen.Select(Gen.OneOf(Gen.Const(19), Gen.Const(27)), Gen.Int[-3, 3], Gen.OneOf(Gen.Const(0), Gen.Const(LogReturn.CoarseBits), Gen.Const(LogReturn.MiddleBits))).Select((half, off, bits) => ((Int128)1 << (LogReturn.Bits - half)) + ((Int128)off << bits)));

    [Fact]
    public void A_square_over_the_slots_is_rounded_down_as_finely_as_its_size_asks() =>
        Gen.Select(Returns, Gen.OneOf(Gen.Const(1), Gen.Int[1, 1_000_000]), Gen.Bool).Sample((logReturn, slots, isNegative) =>
        {
            BigInteger exact = BigInteger.Pow(logReturn, 2) / slots; // in units of 2^-238
            int dropped = exact >> (238 - 38) != 0 ? 238 - 110 : exact >> (238 - 54) != 0 ? 238 - 142 : 238 - 218;
            BigInteger expected = exact >> dropped << (dropped - 20);

            UInt256 square = SquaredReturn.Of(isNegative ? -logReturn : logReturn, slots);

            Assert.Equal(expected, ((BigInteger)square.Upper << 128) + square.Lower);
        }, iter: Effort.Of(100_000));
}
