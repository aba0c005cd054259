namespace Pnl.Rates.Simulation;

/// <summary>
/// Invented names that can be spoken: three syllables of a consonant and a vowel, such as <c>bakodi</c>. Each index has
/// a name and each name one index.
/// </summary>
internal static class TokenName
{
    /// <summary>Number of names.</summary>
    public const int Count = 1_000_000;

    private const string Consonants = "bcdfghjklmnpqrstvwxz";
    private const string Vowels = "aeiou";

    // Coprime to Count, so that index -> index * stride is one to one; neighbours get names that do not look alike.
    private const int Stride = 618_033;
    private const int Offset = 271_828;

    /// <summary>The name of an index, 0 to <see cref="Count"/> - 1.</summary>
    public static string Of(int index) => string.Create(6, (int)(((long)index * Stride + Offset) % Count), static (text, number) =>
    {
        for (int i = text.Length - 2; i >= 0; i -= 2)
        {
            (number, int syllable) = Math.DivRem(number, Consonants.Length * Vowels.Length);
            text[i] = Consonants[syllable / Vowels.Length];
            text[i + 1] = Vowels[syllable % Vowels.Length];
        }
    });
}
