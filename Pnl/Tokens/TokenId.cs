namespace Pnl;

/// <summary>The rule for token ids: <c>[a-z0-9][a-z0-9._-]{0,63}</c>.</summary>
public static class TokenId
{
    /// <summary>The longest id, in characters.</summary>
    public const int MaxLength = 64;

    /// <summary>The rule in words, to be shown.</summary>
    public const string Rule = "1 to 64 of a-z, 0-9, '.', '_' and '-', the first a letter or digit";

    /// <summary>Whether a text can be the id of a token.</summary>
    public static bool IsValid(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > MaxLength || !(char.IsAsciiLetterLower(id[0]) || char.IsAsciiDigit(id[0])))
        {
            return false;
        }

        foreach (char c in id)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
