namespace Pnl;

/// <summary>
/// Reads rates from text exactly. <see cref="decimal.Parse(string)"/> rounds silently what a decimal cannot hold;
/// <see cref="Parse"/> refuses it, and <see cref="ParseRounded"/> says that it was rounded: what is stored is digit for digit
/// what was sent, or counted.
/// </summary>
public static class RateText
{
    /// <summary>The most significant digits that a rate may have.</summary>
    public const int MaxSignificantDigits = 28;

    /// <summary>The fewest significant digits that must remain of a rate that is rounded.</summary>
    public const int MinRoundedDigits = 12;

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

    /// <summary>
    /// The same, but a rate of more digits or places than are kept is rounded half-even to what fits, 28 significant digits
    /// and 28 places, if 12 digits of it remain.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="rate">The rate; 0 if there is a defect.</param>
    /// <param name="rounded">Whether it is another than the text says.</param>
    public static BarDefect ParseRounded(ReadOnlySpan<char> text, out decimal rate, out bool rounded)
    {
        BarDefect defect = Parse(text, out rate);
        rounded = defect == BarDefect.RateTooPrecise && TryRound(text.Trim(), out rate);
        return rounded ? BarDefect.None : defect;
    }

    /// <summary>Rounds what <see cref="Parse"/> has read and found too precise.</summary>
    private static bool TryRound(ReadOnlySpan<char> text, out decimal rate)
    {
        rate = 0m;
        int end = text.IndexOfAny('e', 'E');
        long exponent = 0;
        if (end >= 0)
        {
            TryExponent(text[end..], out exponent);
        }

        ReadOnlySpan<char> number = end >= 0 ? text[..end] : text;
        long digits = 0, zerosHeld = 0, scale = 0;
        bool point = false;
        foreach (char c in number)
        {
            if (c == '.')
            {
                point = true;
            }
            else if (char.IsAsciiDigit(c))
            {
                scale += point ? 1 : 0;
                (digits, zerosHeld) = c == '0' ? (digits, zerosHeld + (digits > 0 ? 1 : 0)) : (digits + zerosHeld + 1, 0);
            }
        }

        // value = the digits as an integer, times 10^power
        long power = zerosHeld - scale + exponent;
        long kept = Math.Min(MaxSignificantDigits, digits - Math.Max(0, -power - MaxScale));
        if (kept < MinRoundedDigits)
        {
            return false;
        }

        UInt128 mantissa = 0;
        long seen = 0;
        int half = 0; // of what is cut off: 0 less than half, 1 half, 2 more
        foreach (char c in number)
        {
            if (!char.IsAsciiDigit(c) || (seen == 0 && c == '0'))
            {
                continue;
            }

            if (seen < kept)
            {
                mantissa = mantissa * 10 + (uint)(c - '0');
            }
            else if (seen == kept)
            {
                half = c > '5' ? 2 : c == '5' ? 1 : 0;
            }
            else if (seen < digits && c != '0' && half == 1)
            {
                half = 2;
            }

            seen++;
        }

        mantissa += half == 2 || (half == 1 && (mantissa & 1) == 1) ? 1u : 0u;
        power += digits - kept;
        for (; power > 0; power--)
        {
            mantissa *= 10;
        }

        (mantissa, int places) = Mantissa.WithoutTrailingZeros(mantissa, (int)-power);
        if (mantissa >> 96 != 0)
        {
            return false;
        }

        rate = Mantissa.ToDecimal(mantissa, places);
        return true;
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

    /// <summary>The same, but one of 29 digits is rounded half-even to 28.</summary>
    /// <param name="value">The rate as it came.</param>
    /// <param name="rate">The rate without trailing zeros; 0 if there is a defect.</param>
    /// <param name="rounded">Whether it is another.</param>
    public static BarDefect NormaliseRounded(decimal value, out decimal rate, out bool rounded)
    {
        BarDefect defect = Normalise(value, out rate);
        rounded = defect == BarDefect.RateTooPrecise;
        if (!rounded)
        {
            return defect;
        }

        // A decimal has 29 digits at most, so one is cut off; it has no more than 28 places.
        (UInt128 mantissa, int scale) = Mantissa.Of(value);
        (UInt128 kept, UInt128 rest) = UInt128.DivRem(mantissa, 10);
        kept += rest > 5 || (rest == 5 && (kept & 1) == 1) ? 1u : 0u;
        if (scale == 0)
        {
            kept *= 10;
            if (kept >> 96 != 0)
            {
                rounded = false;
                return BarDefect.RateTooPrecise;
            }

            rate = Mantissa.ToDecimal(kept, 0);
            return BarDefect.None;
        }

        (kept, scale) = Mantissa.WithoutTrailingZeros(kept, scale - 1);
        rate = Mantissa.ToDecimal(kept, scale);
        return BarDefect.None;
    }
}
