using System.Globalization;
using Microsoft.Extensions.Configuration;
using Pnl;

namespace DrawdownAlerts;

/// <summary>What to watch for.</summary>
/// <param name="Tokens">The tokens' ids.</param>
/// <param name="Limit">How far a token may fall from its peak, a fraction of the peak.</param>
/// <param name="Window">The rolling window whose peak counts, such as <c>24h</c>.</param>
/// <param name="GatewayPort">The silo's <c>Pnl:GatewayPort</c>.</param>
internal sealed record AlertOptions(string[] Tokens, decimal Limit, string Window, int GatewayPort)
{
    /// <exception cref="FormatException">A setting is not what it may be.</exception>
    public static AlertOptions Read(IConfiguration settings)
    {
        string[] tokens = (settings["Alerts:Tokens"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (tokens.Length == 0 || !Array.TrueForAll(tokens, token => TokenId.IsValid(token)))
        {
            throw new FormatException($"Alerts:Tokens is '{settings["Alerts:Tokens"]}'; make it ids of tokens, such as btc,eth: {TokenId.Rule}");
        }

        string window = settings["Alerts:Window"] ?? "24h";
        if (!RollingWindow.All.Any(known => known.Name == window))
        {
            throw new FormatException($"Alerts:Window is '{window}'; make it one of {string.Join(", ", RollingWindow.All.Select(known => known.Name))}");
        }

        return new(
            tokens,
            decimal.TryParse(settings["Alerts:Limit"] ?? "0.1", NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal limit) && limit is > 0 and < 1
                ? limit : throw new FormatException($"Alerts:Limit is '{settings["Alerts:Limit"]}'; make it a fraction of the peak, such as 0.1"),
            window,
            int.TryParse(settings["Alerts:GatewayPort"] ?? "30000", NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and < 65536
                ? port : throw new FormatException($"Alerts:GatewayPort is '{settings["Alerts:GatewayPort"]}'; make it the silo's Pnl:GatewayPort"));
    }
}
