using Microsoft.AspNetCore.Http.HttpResults;

namespace Pnl.Tests.EventHubs;

/// <summary>Faults, by HTTP: what a test does to the server, and sees of it.</summary>
internal static class ControlApi
{
    public static WebApplication Build(HubServer server, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        WebApplication app = builder.Build();
        app.MapGet("/state", () => State(server));
        app.MapPost("/faults/{kind}", Results<Ok, BadRequest<string>> (string kind, int times = 1) =>
        {
            if (!Enum.TryParse(kind, ignoreCase: true, out SendFault fault))
            {
                return TypedResults.BadRequest($"{kind} is none of {string.Join(", ", Enum.GetNames<SendFault>())}");
            }

            server.Faults.Plan(fault, times);
            return TypedResults.Ok();
        });
        app.MapPost("/chance", (int seed, int perThousand, string kinds) =>
            server.Faults.Chance(seed, perThousand, [.. kinds.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(kind => Enum.Parse<SendFault>(kind, ignoreCase: true))]));
        app.MapPost("/detach", () => server.DetachAll());
        app.MapPost("/abort", () => server.AbortAll());
        app.MapPost("/trim", (int partition, long before, string hub = "rates") => server.Find(hub)![partition].Trim(before));
        app.MapPost("/skip", (int partition, long bytes, string hub = "rates") => server.Find(hub)![partition].Skip(bytes));
        return app;
    }

    private static object State(HubServer server) => new
    {
        server.Connections,
        server.Consumers,
        server.Delivered,
        Faults = server.Faults.Made,
        Partitions = server.Partitions.Select(partition =>
        {
            (long first, long last, long lastOffset, _, _) = partition.State;
            return new { partition.Hub, partition.Number, First = first, Last = last, LastOffset = lastOffset };
        }),
    };
}
