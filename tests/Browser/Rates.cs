using Pnl.Tests.Acceptance.Programs;

namespace Pnl.Tests.Browser;

/// <summary>Tokens with rates that a test knows.</summary>
internal static class Rates
{
    /// <summary>The open time of the last bar that is closed now.</summary>
    public static long LastBar => DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 300 * 300 - 300;

    /// <summary>A token whose bars end with the last one that is closed: up and down by hundredths about a rate.</summary>
    /// <param name="bars">Number of bars.</param>
    /// <param name="about">The rate about which it goes.</param>
    /// <param name="last">Open time of the last bar.</param>
    /// <param name="isGap">Which bars, counted back from the last, are absent.</param>
    public static async Task<long> IngestWaveAsync(this HttpClient http, string token, int bars, decimal about, long last, Predicate<int>? isGap = null)
    {
        await http.RegisterAsync(token, $$"""{"symbol":"{{token.ToUpperInvariant()}}","name":"The token {{token}}"}""");
        foreach (int[] part in Enumerable.Range(0, bars).Where(i => isGap?.Invoke(i) != true).Reverse().Chunk(50_000))
        {
            (await http.IngestAsync(token, [.. part.Select(i => (last - 300L * i, about * (100 + (i * 7 % 13) - (i / 97 % 23)) / 100m))])).Ok();
        }

        return last;
    }
}
