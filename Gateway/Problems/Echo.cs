namespace Pnl.Gateway;

/// <summary>What a caller sent, as a problem shows it again: enough to find it by, and not the megabytes that it may have.</summary>
internal static class Echo
{
    /// <summary>The most characters of what a caller sent that a text of a problem shows.</summary>
    public const int Most = 200;

    /// <summary>The text; or its beginning, and a mark that there was more.</summary>
    /// <param name="text">The text.</param>
    /// <param name="most">The most characters that are shown, the mark among them.</param>
    public static string Of(string text, int most = Most)
    {
        if (text.Length <= most)
        {
            return text;
        }

        int end = Math.Max(0, most - 1);
        return most <= 0 ? "" : string.Concat(text.AsSpan(0, end > 0 && char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }
}
