namespace Pnl.Client.Http;

/// <summary>Where the gateway is, and how long it is waited for.</summary>
public sealed class PnlHttpOptions
{
    /// <summary>Where the gateway listens, such as <c>https://pnl.example.com</c>. Has to be set.</summary>
    public Uri? Address { get; set; }

    /// <summary>An API key or a token; null where access is open.</summary>
    public string? ApiKey { get; set; }

    /// <summary>For how long a call is made again that failed on the way, or is answered 408, 429 or 5xx; more than zero. 60 s unless set.</summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long one try may take; more than zero. 30 s unless set.</summary>
    public TimeSpan TryFor { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// For how long a call is tried at an address where nothing has ever answered, which is more often a wrong address than a gateway
    /// that starts; zero for one try. 5 s unless set. The same time is given to a connection to be made.
    /// </summary>
    public TimeSpan ReachWithin { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The address with a slash behind it.</summary>
    /// <exception cref="ArgumentException">An option cannot be what it is.</exception>
    internal Uri Root()
    {
        if (Address is not { IsAbsoluteUri: true } address || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException($"'{Address}' is no address of a gateway; make it one such as https://pnl.example.com", nameof(Address));
        }

        if (ApiKey is { } key && (key.Length == 0 || key.Any(c => c is <= ' ' or > '~')))
        {
            throw new ArgumentException("the API key is empty, or has characters that none has; make it the whole key, pnl_…, or null where access is open", nameof(ApiKey));
        }

        foreach ((string name, TimeSpan time, bool mayBeZero) in ((string, TimeSpan, bool)[])[(nameof(RetryFor), RetryFor, false), (nameof(TryFor), TryFor, false), (nameof(ReachWithin), ReachWithin, true)])
        {
            if (time < TimeSpan.Zero || (time == TimeSpan.Zero && !mayBeZero) || time > TimeSpan.FromDays(1))
            {
                throw new ArgumentException($"{name} is {time}; make it a time of at most a day{(mayBeZero ? "" : ", more than zero")}", name);
            }
        }

        return address.AbsoluteUri.EndsWith('/') ? address : new(address.AbsoluteUri + "/");
    }
}
