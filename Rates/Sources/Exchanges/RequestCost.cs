namespace Pnl.Rates.Exchanges;

/// <summary>What a request costs, carried by the request itself to where its permits are taken.</summary>
internal static class RequestCost
{
    private static readonly HttpRequestOptionsKey<int> Key = new("Pnl.Rates.Cost");

    /// <summary>Writes the permits onto a request.</summary>
    public static void Set(HttpRequestMessage request, int permits) => request.Options.Set(Key, permits);

    /// <summary>The permits of a request; 1 if nothing is written.</summary>
    public static int Of(HttpRequestMessage request) => request.Options.TryGetValue(Key, out int permits) ? permits : 1;
}
