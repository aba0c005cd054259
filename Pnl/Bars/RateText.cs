namespace Pnl;

/// <summary>
/// Reads rates from text exactly. <see cref="decimal.Parse(string)"/> rounds silently what a decimal cannot hold; this
/// refuses it, so that what is stored is digit for digit what was sent.
/// </summary>
public static class RateText
{
    /// <summary>The most significant digits that a rate may have.</summary>
    public const int MaxSignificantDigits = 28;

    private const int MaxScale = 28;

    /// <summary>
    /// Reads <c>[+-]digits[.digits][e[+-]digits]</c>. Trailing zeros behind the decimal point carry no value and are
    /// dropped, so <c>1.10</c> and <c>1.1</c> are the same rate.
    /// </summary>
    /// <returns><see cref="BarDefect.None"/> and the rate, or the reason for which it is none.</returns>
    public static BarDefect Parse(ReadOnlySpan<char> text, out decimal rate)
    {
        rate = 0m;
        text = text.Trim();
        if (text.IsEmpty)
        {
            return BarDefect.RateMissing;
        }

        int i = 0;
        bool negative = text[0] == '-';
        if (negative || text[0] == '+')
        {
            i++;
        }

        UInt128 mantissa = 0;
        ulong low = 0; // the first 18 digits, so that usual rates never touch 128 bits
        int digits = 0, scale = 0, zerosHeld = 0;
        bool any = false, point = false;
        for (; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '.' && !point)
            {
                point = true;
                continue;
            }

            uint digit = (uint)(c - '0');
            if (digit > 9)
            {
                break;
            }

            any = true;
            if (point)
            {
                scale++;
            }

            if (digit == 0 && digits == 0)
            {
                continue; // leading zero
            }

            if (digit == 0)
            {
                zerosHeld++; // significant only if another digit follows
                continue;
            }

            int wanted = digits + zerosHeld + 1;
            if (wanted > 38)
            {
                digits = wanted; // far beyond what fits; only the count matters now
                zerosHeld = 0;
                continue;
            }

            if (wanted <= 18)
            {
                for (; zerosHeld > 0; zerosHeld--)
                {
                    low *= 10;
                }

                low = low * 10 + digit;
            }
            else
            {
                if (digits <= 18)
                {
                    mantissa = low;
                }

                for (; zerosHeld > 0; zerosHeld--)
                {
                    mantissa *= 10;
                }

                mantissa = mantissa * 10 + digit;
            }

            digits = wanted;
        }

        if (!any)
        {
            return BarDefect.RateMalformed;
        }

        long exponent = 0;
        if (i < text.Length && !TryExponent(text[i..], out exponent))
        {
            return BarDefect.RateMalformed;
        }

        if (digits == 0)
        {
            return BarDefect.RateZero;
        }

        if (negative)
        {
            return BarDefect.RateNegative;
        }

        // value = mantissa * 10^(zerosHeld - scale + exponent), the mantissa without trailing zeros
        long power = zerosHeld - scale + exponent;
        if (digits + power > 29)
        {
            return BarDefect.RateTooLarge;
        }

        if (digits > MaxSignificantDigits || -power > MaxScale)
        {
            return BarDefect.RateTooPrecise;
        }

        if (digits <= 18)
        {
            mantissa = low;
        }

        for (; power > 0; power--)
        {
            mantissa *= 10;
        }

        if (mantissa >> 96 != 0)
        {
            return BarDefect.RateTooLarge;
        }

        rate = new decimal((int)(uint)mantissa, (int)(uint)(mantissa >> 32), (int)(uint)(mantissa >> 64), false, (byte)-power);
        return BarDefect.None;
    }

    private static bool TryExponent(ReadOnlySpan<char> text, out long exponent)
    {
        exponent = 0;
        if (text[0] is not ('e' or 'E'))
        {
            return false;
        }

        bool negative = text is [_, '-', ..];
        ReadOnlySpan<char> digits = text[(negative || text is [_, '+', ..] ? 2 : 1)..];
        foreach (char c in digits)
        {
            uint digit = (uint)(c - '0');
            if (digit > 9)
            {
                return false;
            }

            // Saturates far beyond what the digits of any text can outweigh, so that 0.[10001 zeros]1e10002 is 10.
            exponent = Math.Min(exponent * 10 + digit, 1_000_000_000_000);
        }

        if (negative)
        {
            exponent = -exponent;
        }

        return !digits.IsEmpty;
    }

    /// <summary>
    /// Checks a rate that is a decimal already, and drops its trailing zeros: equal rates get equal bits.
    /// </summary>
    public static BarDefect Normalise(decimal value, out decimal rate)
    {
        rate = 0m;
        if (value <= 0m)
        {
            return value == 0m ? BarDefect.RateZero : BarDefect.RateNegative;
        }

        (UInt128 mantissa, int scale) = Mantissa.Of(value);
        (mantissa, scale) = Mantissa.WithoutTrailingZeros(mantissa, scale);
        if (mantissa >= Mantissa.TenToThe(MaxSignificantDigits) && mantissa % 10 != 0)
        {
            return BarDefect.RateTooPrecise;
        }

        rate = Mantissa.ToDecimal(mantissa, scale);
        return BarDefect.None;
    }
}
