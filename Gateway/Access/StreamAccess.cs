using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Pnl.Gateway;

/// <summary>A stream goes on for hours: it ends soon after the key was taken back, or the token has run out, by which it began.</summary>
internal sealed class StreamAccess(KnownKeys keys, AccessOptions access, TimeProvider time)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    /// <summary>Is cancelled when what the caller has shown holds no more, or the gateway stops.</summary>
    public CancellationToken Until(HttpContext http, CancellationToken stopping)
    {
        if (access.IsOpen)
        {
            return stopping;
        }

        CancellationTokenSource answered = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(answered.Token);
        http.Response.OnCompleted(() => answered.CancelAsync());
        _ = WatchAsync(PresentedKey.Of(http.Request), http.User, ended, answered);
        return ended.Token;
    }

    private async Task WatchAsync(string? key, ClaimsPrincipal user, CancellationTokenSource ended, CancellationTokenSource answered)
    {
        using CancellationTokenSource both = answered;
        using CancellationTokenSource own = ended;
        using PeriodicTimer timer = new(BetweenLooks, time);
        try
        {
            while (await timer.WaitForNextTickAsync(answered.Token))
            {
                if (user.HasEnded(time.GetUtcNow()) || (key is not null && await keys.FindAsync(key, answered.Token) is null))
                {
                    break;
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The listener went; or the keys cannot be asked for, and he comes again.
        }

        await ended.CancelAsync();
    }
}
