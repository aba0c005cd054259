namespace Pnl;

/// <summary>
/// Whether a name that a caller chooses comes through an address as it is. Clients, proxies and servers undo percent-encoding,
/// take <c>\</c> for <c>/</c>, drop <c>.</c>, take <c>..</c> for what is above, cut at <c>?</c>, <c>#</c> and <c>;</c>, and join
/// slashes: <c>DELETE …/entries/..</c> becomes <c>DELETE …/</c>, whatever the client encodes.
/// </summary>
public static class AddressName
{
    /// <summary>The rule in words, to be shown.</summary>
    public const string Rule = "no part between slashes empty, '.' or '..', percent-encoded neither: an address would not keep it";

    /// <summary>
    /// Whether every address of the name, percent-encoded as it should be, still names it after any number of decodings, or
    /// names nothing; never what is above it.
    /// </summary>
    /// <param name="name">The name, of any length; the empty one is none.</param>
    public static bool IsKept(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        for (string decoded = name; ; name = decoded)
        {
            if (!IsKeptAsItIs(name))
            {
                return false;
            }

            decoded = Uri.UnescapeDataString(name); // shorter each time that it differs, so this ends
            if (decoded == name)
            {
                return true;
            }
        }
    }

    /// <summary>Whether a part between slashes means the part itself, or what is above: <c>.</c> and <c>..</c>, also with parameters behind.</summary>
    /// <param name="segment">The part, decoded.</param>
    public static bool IsDots(ReadOnlySpan<char> segment)
    {
        int end = segment.IndexOfAny(";?#");
        return (end < 0 ? segment : segment[..end]) is "." or "..";
    }

    private static bool IsKeptAsItIs(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]))
        {
            return false;
        }

        foreach (char c in name)
        {
            if (char.IsControl(c))
            {
                return false;
            }
        }

        foreach (Range part in name.SplitAny('/', '\\'))
        {
            if (name[part].IsEmpty || IsDots(name[part]))
            {
                return false;
            }
        }

        return true;
    }
}
