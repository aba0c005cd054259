using System.Buffers;

namespace Pnl.Gateway;

/// <summary>Which life of the store answers. ETags, cursors and ids of events begin with it, so that none holds after a restore: <c>9f3c2a77e0b1d455~…</c>.</summary>
public sealed class StoreEpoch
{
    private volatile string? _text;

    /// <summary>One that is known.</summary>
    /// <param name="text">16 hexadecimal digits.</param>
    public StoreEpoch(string text) => _text = text;

    /// <summary>One that is learnt once the store is reached; until then nothing is answered.</summary>
    public StoreEpoch()
    {
    }

    /// <summary>Whether it is known.</summary>
    public bool IsKnown => _text is not null;

    private string Text => _text ?? throw new InvalidOperationException("the store's epoch is not known yet");

    /// <summary>Makes it known.</summary>
    /// <param name="text">16 hexadecimal digits.</param>
    public void Learn(string text) => _text = text;

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
