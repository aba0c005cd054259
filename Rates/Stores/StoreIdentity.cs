using System.Globalization;
using System.Security.Cryptography;

namespace Pnl.Rates;

/// <summary>Which store it is, and which of its lives.</summary>
/// <param name="Id">Given when the store is made; its backups have it too.</param>
/// <param name="Epoch">16 hexadecimal digits, drawn when the store is made and again each time it is restored. What was told under another epoch holds no more.</param>
public sealed record StoreIdentity(string Id, string Epoch)
{
    /// <summary>Whether it was drawn just now because the stored one was damaged: the start tells so.</summary>
    public bool IsReplacement { get; init; }

    /// <summary>That of a store that is made now.</summary>
    public static StoreIdentity New() => new(Random(16), NewEpoch());

    /// <summary>An epoch that there was not yet.</summary>
    public static string NewEpoch() => Random(8);

    /// <summary>Whether a text has the form of an epoch.</summary>
    public static bool IsEpoch(ReadOnlySpan<char> text) => text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _);

    private static string Random(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
