using Pnl.Rates;

namespace Pnl.Silo;

/// <summary><c>rebuild</c>: makes the bars' store again from the landing, after somebody put the old one away.</summary>
internal static class RebuildCommand
{
    public const string Name = "rebuild";

    public static async Task RunAsync(string[] args)
    {
        PnlSettings settings = PnlSettings.OfCommand(args);
        ServiceCollection services = new();
        if (settings.Profile == Profile.Cluster)
        {
            await services.AddClusterStoresAsync(settings.Storage!);
        }
        else
        {
            services.AddLocalStores(settings.DataDirectory);
        }

        await using ServiceProvider provider = services.BuildServiceProvider();
        TimeProvider time = TimeProvider.System;
        long told = time.GetTimestamp();
        (int tokens, long bars) = await LandingRebuild.RunAsync(
            settings.LandingPlace.Open(),
            provider.GetRequiredService<ISegmentStore>(),
            new Told(progress =>
            {
                if (time.GetElapsedTime(told) > TimeSpan.FromSeconds(1))
                {
                    told = time.GetTimestamp();
                    Console.WriteLine($"{progress.Tokens} tokens, {progress.Bars} bars");
                }
            }),
            CancellationToken.None);
        Console.WriteLine($"rebuilt {tokens} tokens with {bars} bars from {settings.LandingPlace.Place}");
    }

    // Progress<T> tells on another thread, and so out of order.
    private sealed class Told(Action<(int Tokens, long Bars)> tell) : IProgress<(int Tokens, long Bars)>
    {
        public void Report((int Tokens, long Bars) value) => tell(value);
    }
}
