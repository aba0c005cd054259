using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Pnl;

/// <summary>
/// The form of API keys: <c>pnl_</c> and 256 random bits in base64url. What is kept of a key is its SHA-256. A slow hash
/// with a salt is for passwords, of which one can guess the likely ones; of 2^256 equally likely keys nobody finds one by
/// guessing, however fast, and every request has to be checked.
/// </summary>
public static class ApiKey
{
    /// <summary>What every key begins with, so that scanners of code and logs know one when they see it.</summary>
    public const string Prefix = "pnl_";

    /// <summary>Bytes of chance in a key.</summary>
    public const int RandomBytes = 32;

    /// <summary>Characters of a key's id.</summary>
    public const int IdLength = 12;

    private const int Length = 4 + 43; // base64url of 32 bytes, without padding

    /// <summary>The key of some random bytes.</summary>
    /// <exception cref="ArgumentException">There are not <see cref="RandomBytes"/> of them.</exception>
    public static string Of(ReadOnlySpan<byte> random) =>
        random.Length == RandomBytes ? Prefix + Base64Url.EncodeToString(random) : throw new ArgumentException($"{random.Length} random bytes are given, {RandomBytes} are wanted", nameof(random));

    /// <summary>Whether a text has the form of a key.</summary>
    public static bool IsWellFormed(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == Length && text.StartsWith(Prefix, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Prefix.Length));
    }

    /// <summary>The SHA-256 of a key, as 64 lower-case hexadecimal digits.</summary>
    public static string Hash(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }

    /// <summary>Whether a text has the form of a key's hash.</summary>
    public static bool IsHash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 2 * SHA256.HashSizeInBytes && text.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>By what a key is named in lists and logs: the first digits of its hash, which tell nothing of the key.</summary>
    public static string IdOf(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return hash[..IdLength];
    }
}
