namespace Pnl.Gateway;

/// <summary>What a request may ask for at most.</summary>
internal static class Limits
{
    /// <summary>Bytes of a body: 100,000 bars take some 5 MB.</summary>
    public const int BodyBytes = 16 << 20;

    /// <summary>Bytes of a body that are read although it is too large, so that its sender sees why it is refused.</summary>
    public const int ForgottenBytes = 64 << 20;

    /// <summary>Lines of a ledger as CSV: of some exports an entry is several, and a rejected line is answered with its reason.</summary>
    public const int LedgerLines = 50_000;

    /// <summary>Sources for which a token's registration may name a symbol.</summary>
    public const int Sources = 64;

    /// <summary>Listings of a token.</summary>
    public const int Listings = 64;

    /// <summary>Requests at work at once; more wait, and still more are sent away with 429.</summary>
    public const int ConcurrentRequests = 1000;

    /// <summary>Requests that wait.</summary>
    public const int QueuedRequests = 2000;

    /// <summary>Tokens a page.</summary>
    public const int TokensAPage = 1000;

    /// <summary>Portfolios a page.</summary>
    public const int PortfoliosAPage = 1000;

    /// <summary>Ledger entries a call, and a page.</summary>
    public const int EntriesACall = 10_000;

    /// <summary>Tokens a stream: the id of each event names a revision of each.</summary>
    public const int TokensAStream = 100;

    /// <summary>Time after which a stream without events shows that it is there.</summary>
    public static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Time that a client has for the headers of a request.</summary>
    public static readonly TimeSpan HeaderTime = TimeSpan.FromSeconds(10);

    /// <summary>Bytes a second at least by which a body comes, once <see cref="SlowTime"/> is over; and by which an answer is read.</summary>
    public const double SlowestBytesASecond = 240;

    /// <summary>Time for which a client may be slower.</summary>
    public static readonly TimeSpan SlowTime = TimeSpan.FromSeconds(5);

    /// <summary>Time until a check of readiness is given up.</summary>
    public static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(5);

    /// <summary>Time until a request is given up.</summary>
    public static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(30);
}
