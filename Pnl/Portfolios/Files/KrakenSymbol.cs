using System.Text.RegularExpressions;

namespace Pnl;

/// <summary>Kraken's own names of assets: XXBT and XBT are bitcoin, ZEUR is the euro, DOT.S and DOT28.S are staked DOT.</summary>
internal static partial class KrakenSymbol
{
    /// <summary>The symbol of an asset's token: without Kraken's first letter, and without what says where it lies.</summary>
    /// <param name="asset">Kraken's name.</param>
    /// <param name="other">Set if the name can be read in two ways: the other one.</param>
    /// <returns>The symbol; null if the name ends in something behind a point that is not known.</returns>
    public static string? Plain(string asset, out string? other)
    {
        other = null;
        Match place = Place().Match(asset);
        if (!place.Success)
        {
            return asset.Contains('.', StringComparison.Ordinal) ? null : Today(asset);
        }

        // DOT28.S is DOT, staked for 28 days; C98.S is C98.
        string held = place.Groups[1].Value;
        if (Days().Match(held) is not { Success: true } days)
        {
            return Today(held);
        }

        bool whole = KrakenAssets.Contains(held), shorter = KrakenAssets.Contains(days.Groups[1].Value);
        other = whole == shorter ? Today(held) : null;
        return Today(whole && !shorter ? held : days.Groups[1].Value);
    }

    /// <summary>The two sides of a pair such as XXBTZEUR, XBTEUR or BTC/EUR, in every way in which it can be read.</summary>
    /// <remarks>
    /// A split whose sides are both assets that Kraken has listed goes before one whose first side is not known. An old name of a quote, such as
    /// ZUSD, stands behind such a first side only where the shorter one could not: FOOZUSD is FOOZ/USD or FOO/ZUSD.
    /// </remarks>
    public static (string Token, string Quote)[] Pair(string pair)
    {
        string name = pair.EndsWith(".d", StringComparison.Ordinal) ? pair[..^2] : pair; // of the dark pool
        if (name.Split('/') is [{ Length: > 0 } left, { Length: > 0 } right])
        {
            return Plain(left, out _) is { } token && Plain(right, out _) is { } quote ? [(token, quote)] : [];
        }

        (string Token, string Quote)[] splits = [.. Enumerable.Range(1, Math.Max(0, name.Length - 1)).Select(at => (Token: name[..at], Quote: name[at..])).Where(split => IsQuote(split.Quote))];
        (string Token, string Quote)[] known = Array.FindAll(splits, split => KrakenAssets.Contains(split.Token));
        return [.. (known.Length > 0 ? known : splits).Select(split => (Today(split.Token), Today(split.Quote))).Distinct()];
    }

    private static bool IsQuote(string name) => KrakenAssets.Quotes.Contains(KrakenAssets.OldNames.GetValueOrDefault(name, name));

    /// <summary>The name of today for one of Kraken's own.</summary>
    private static string Today(string name) =>
        KrakenAssets.OldNames.GetValueOrDefault(name, name) switch { "XBT" => "BTC", "XDG" => "DOGE", "XVN" => "VEN", "ETH2" => "ETH", string plain => plain };

    // Staked, opted in to rewards, futures, parachain, bonded, earning automatically, and held back after a deposit.
    [GeneratedRegex(@"^(.+)\.(S|M|F|P|B|HOLD)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(.*[A-Z])([0-9]{2})$")]
    private static partial Regex Days();
}
