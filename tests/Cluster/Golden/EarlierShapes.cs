using System.Text.Json.Nodes;

namespace Pnl.Tests.Cluster.Golden;

/// <summary>
/// What golden files say by the names that answers had before decision 35, by those of today: the figures are the same, in one shape for
/// messages and the HTTP API.
/// </summary>
internal static class EarlierShapes
{
    /// <summary>Messages that look otherwise since then, and are not read as earlier releases wrote them: a cluster is stopped for this upgrade.</summary>
    public static readonly string[] Messages =
    [
        "Pnl.BackfillStatus", "Pnl.Leaderboard", "Pnl.LeaderboardItem", "Pnl.LotsPage", "Pnl.PnlSeries", "Pnl.PortfolioSeries", "Pnl.TokenCoverage", "Pnl.TokenPnl", "Pnl.TokenWindow", "Pnl.WindowPnl",
    ];

    /// <summary>Answers by the names of today.</summary>
    public static string Today(string answers)
    {
        JsonObject all = JsonNode.Parse(answers)!.AsObject();
        foreach ((string name, JsonNode? answer) in all)
        {
            JsonObject members = answer as JsonObject ?? [];
            switch (name.Split(' ')[0])
            {
                case "token":
                    JsonObject token = Take(members, "Token")!.AsObject();
                    members["Coverage"] = Group(members, "Fetched", "Absent", "Missing", "AbsentBars", "MissingBars", "Truncated");
                    Merge(members, token);
                    break;
                case "pnl":
                    foreach (JsonObject window in members["Windows"]!.AsObject().Select(window => window.Value!.AsObject()))
                    {
                        window["Pnl"] = window["Pnl"] is { } pnl ? Amount.Parse(pnl.ToJsonString()).ToString() : null;
                    }

                    break;
                case "backfill":
                    JsonObject request = Take(members, "Request")!.AsObject();
                    request.Remove("Tokens");
                    request.Remove("OldestFirst");
                    Merge(members, request);
                    members["Tokens"] = new JsonObject { ["Total"] = Take(members, "TokensTotal"), ["Done"] = Take(members, "TokensDone"), ["Failed"] = Take(members, "TokensFailed") };
                    members["Bars"] = new JsonObject
                    {
                        ["Landed"] = Take(members, "BarsLanded"), ["Imported"] = Take(members, "BarsImported"), ["Corrected"] = Take(members, "BarsCorrected"), ["Quarantined"] = Take(members, "Quarantined"),
                    };
                    break;
            }
        }

        return all.ToJsonString();
    }

    private static JsonNode? Take(JsonObject of, string name)
    {
        JsonNode? value = of[name];
        of.Remove(name);
        return value;
    }

    private static JsonObject Group(JsonObject of, params string[] names) => new(names.Select(name => KeyValuePair.Create(name, Take(of, name))));

    private static void Merge(JsonObject into, JsonObject members)
    {
        foreach (string name in members.Select(member => member.Key).ToArray())
        {
            into[name] = Take(members, name);
        }
    }
}
