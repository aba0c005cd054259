using System.Buffers;

namespace Pnl.Gateway;

/// <summary>Which life of the store answers. ETags, cursors and ids of events begin with it, so that none holds after a restore: <c>9f3c2a77e0b1d455~…</c>.</summary>
/// <param name="Text">16 hexadecimal digits.</param>
public sealed record StoreEpoch(string Text)
{
    private const char Separator = '~';
    private const int Digits = 16;
    private static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdef");

    /// <summary>What holds in this epoch alone.</summary>
    internal string Mark(string text) => $"{Text}{Separator}{text}";

    /// <summary>Takes the epoch off. What came without is of a client that made it itself, or of an earlier release.</summary>
    internal (Told Of, string Text) Take(string text) =>
        text.Length <= Digits || text[Digits] != Separator || text.AsSpan(0, Digits).ContainsAnyExcept(Hexadecimal) ? (Told.Unknown, text)
        : (text.StartsWith(Text, StringComparison.Ordinal) ? Told.Now : Told.Before, text[(Digits + 1)..]);

    /// <summary>When something was told.</summary>
    internal enum Told
    {
        /// <summary>In this epoch.</summary>
        Now,

        /// <summary>In another.</summary>
        Before,

        /// <summary>It does not say.</summary>
        Unknown,
    }
}
