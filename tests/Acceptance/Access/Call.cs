namespace Pnl.Tests.Acceptance.Access;

/// <summary>A call, and who may make it.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path as the OpenAPI document has it.</param>
/// <param name="Needs">The scope; <see cref="Known"/> for any that is let in, null for everybody.</param>
/// <param name="Status">What whoever may make it is answered; 0 for anything but a refusal.</param>
/// <param name="Asked">What to ask for, if it is not the path: the answer is the same however often it is asked for.</param>
/// <param name="Body">The body, as JSON.</param>
internal sealed record Call(string Method, string Path, string? Needs, int Status, string? Asked = null, string? Body = null)
{
    public const string Known = "";

    /// <summary>Who may do what: all that the server serves.</summary>
    public static readonly Call[] All =
    [
        new("GET", "/v1/tokens", Scope.Read, 200),
        new("PUT", "/v1/tokens/{id}", Scope.Ingest, 200, "/v1/tokens/guarded", "{}"),
        new("GET", "/v1/tokens/{id}", Scope.Read, 200, "/v1/tokens/guarded"),
        new("POST", "/v1/tokens/{id}/rates", Scope.Ingest, 200, "/v1/tokens/guarded/rates", """{"time":[1621427700],"rate":[2]}"""),
        new("GET", "/v1/tokens/{id}/rates", Scope.Read, 200, "/v1/tokens/guarded/rates"),
        new("DELETE", "/v1/tokens/{id}", Scope.Admin, 404, "/v1/tokens/none-such?confirm=none-such"),
        new("DELETE", "/v1/tokens/{id}/rates", Scope.Admin, 404, "/v1/tokens/none-such/rates?from=0&to=300&confirm=none-such"),
        new("GET", "/v1/tokens/{id}/pnl", Scope.Read, 200, "/v1/tokens/guarded/pnl"),
        new("GET", "/v1/tokens/{id}/pnl/series", Scope.Read, 200, "/v1/tokens/guarded/pnl/series"),
        new("GET", "/v1/tokens/{id}/setaside", Scope.Read, 200, "/v1/tokens/guarded/setaside"),
        new("GET", "/v1/deadletters", Scope.Read, 200),
        new("POST", "/v1/deadletters/{id}/replay", Scope.Ingest, 404, "/v1/deadletters/none-such/replay"),
        new("GET", "/v1/leaderboard", Scope.Read, 200),
        new("GET", "/v1/sparklines", Scope.Read, 200, "/v1/sparklines?tokens=guarded"),
        new("GET", "/v1/stream", Scope.Read, 404, "/v1/stream?tokens=none-such"),
        new("POST", "/v1/backfills", Scope.Ingest, 400, null, """{"source":"none-such"}"""),
        new("GET", "/v1/backfills", Scope.Read, 200),
        new("GET", "/v1/backfills/{id}", Scope.Read, 404, "/v1/backfills/b99"),
        new("DELETE", "/v1/backfills/{id}", Scope.Ingest, 404, "/v1/backfills/b99"),
        new("POST", "/v1/backfills/{id}/pause", Scope.Ingest, 404, "/v1/backfills/b99/pause"),
        new("POST", "/v1/backfills/{id}/resume", Scope.Ingest, 404, "/v1/backfills/b99/resume"),
        new("GET", "/v1/portfolios", Scope.Read, 200),
        new("PUT", "/v1/portfolios/{id}", Scope.Portfolio, 400, "/v1/portfolios/none-such", "{}"),
        new("GET", "/v1/portfolios/{id}", Scope.Read, 404, "/v1/portfolios/none-such"),
        new("DELETE", "/v1/portfolios/{id}", Scope.Portfolio, 404, "/v1/portfolios/none-such"),
        new("POST", "/v1/portfolios/{id}/entries", Scope.Portfolio, 400, "/v1/portfolios/none-such/entries", """{"entries":[]}"""),
        new("GET", "/v1/portfolios/{id}/entries", Scope.Read, 404, "/v1/portfolios/none-such/entries"),
        new("PUT", "/v1/portfolios/{id}/entries/{entryId}", Scope.Portfolio, 400, "/v1/portfolios/none-such/entries/e", "{}"),
        new("DELETE", "/v1/portfolios/{id}/entries/{entryId}", Scope.Portfolio, 404, "/v1/portfolios/none-such/entries/e"),
        new("PUT", "/v1/portfolios/{id}/entries", Scope.Portfolio, 400, "/v1/portfolios/none-such/entries?id=e", "{}"),
        new("DELETE", "/v1/portfolios/{id}/entries", Scope.Portfolio, 404, "/v1/portfolios/none-such/entries?id=e"),
        new("GET", "/v1/portfolios/{id}/pnl", Scope.Read, 404, "/v1/portfolios/none-such/pnl"),
        new("GET", "/v1/portfolios/{id}/pnl/series", Scope.Read, 404, "/v1/portfolios/none-such/pnl/series"),
        new("GET", "/v1/portfolios/{id}/lots", Scope.Read, 404, "/v1/portfolios/none-such/lots"),
        new("POST", "/v1/keys", Scope.Admin, 400, null, "{}"),
        new("GET", "/v1/keys", Scope.Admin, 200),
        new("DELETE", "/v1/keys/{id}", Scope.Admin, 404, "/v1/keys/none-such"),
        new("POST", "/v1/backups", Scope.Admin, 200),
        new("GET", "/v1/audit", Scope.Admin, 200),
        new("GET", "/", Scope.Read, 200),
        new("GET", "/dashboard", Scope.Admin, 0),
        new("GET", "/dashboard/version", Scope.Admin, 0),
        new("GET", "/dashboard/dashboardcounters", Scope.Admin, 0),
        new("GET", "/metrics", Scope.Metrics, 0),
        new("GET", "/none-such", Known, 404),
        new("GET", "/openapi/v1.json", null, 200),
        new("GET", "/v1/version", null, 200),
        new("GET", "/health/live", null, 200),
        new("GET", "/health/ready", null, 200),
    ];

    public override string ToString() => $"{Method} {Path}";
}
