using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Pnl.Gateway;

/// <summary>
/// The connections of clients: not more than the process has descriptors for, and of each caller not more than his share. When there
/// is no room, a connection of the caller with the most of them gives way, one on which nothing is under way if there is one, and
/// of these the one that was used the longest ago: so a newcomer is let in while another holds thousands. To refuse the newcomer would be
/// to let whoever came first keep all others out.
/// </summary>
internal sealed class ClientConnections(PnlGatewayOptions options, GatewayMeter meter) : IConfigureOptions<KestrelServerOptions>
{
    private const int LookedAt = 64; // for one on which nothing is under way
    private const int LeastShare = 8; // a browser opens six

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<ClientConnection>> _callers = new(StringComparer.Ordinal); // each from the one used the longest ago
    private int _count;
    private bool _ended;

    /// <summary>The most of one caller.</summary>
    private int Share => options.Access.IsOpen ? options.Connections : Math.Min(options.Connections, Math.Max(LeastShare, options.Access.ShareOf(options.Connections)));

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _count;
            }
        }
    }

    public void Configure(KestrelServerOptions options) =>
        options.ConfigureEndpointDefaults(listen => listen.Use(next => connection => RunAsync(connection, next)));

    /// <summary>Ends all connections, and every one that comes: who stops waits for no client.</summary>
    public void End()
    {
        ClientConnection[] all;
        lock (_lock)
        {
            _ended = true;
            all = [.. _callers.Values.SelectMany(connections => connections)];
        }

        Array.ForEach(all, connection => connection.Abort("the server stops"));
    }

    /// <summary>Ends so many, as if there were no room for them: of the callers who have the most, those on which nothing is under way first.</summary>
    /// <param name="count">How many; none if it is not positive.</param>
    public void GiveWay(int count)
    {
        for (int i = 0; i < count; i++)
        {
            ClientConnection leaving;
            lock (_lock)
            {
                if (_callers.Count == 0)
                {
                    return;
                }

                leaving = LeavingOf(_callers.Values.MaxBy(his => his.Count)!);
            }

            Leave(leaving, "the process has no descriptors to spare");
        }
    }

    /// <summary>Says whose a connection is, once that is known, and that a request is under way on it until what is returned is disposed of.</summary>
    public IDisposable Begin(HttpContext http, string caller)
    {
        if (http.Features.Get<ClientConnection>() is not { } connection)
        {
            return Nothing.Instance; // of a server that is not ours, as in tests
        }

        ClientConnection? leaving;
        lock (_lock)
        {
            connection.UnderWay++;
            Remove(connection);
            connection.Caller = caller;
            Add(connection);
            leaving = Leaving(connection.Caller);
        }

        Leave(leaving);
        return new Use(this, connection);
    }

    private async Task RunAsync(ConnectionContext context, ConnectionDelegate next)
    {
        ClientConnection connection = new(context) { Caller = AccessControl.AddressOf((context.RemoteEndPoint as IPEndPoint)?.Address) };
        context.Features.Set(connection);
        ClientConnection? leaving;
        bool ended;
        lock (_lock)
        {
            ended = _ended;
            Add(connection);
            leaving = Leaving(connection.Caller);
        }

        Leave(leaving);
        try
        {
            if (!ended)
            {
                await next(context);
            }
        }
        finally
        {
            lock (_lock)
            {
                Remove(connection);
            }
        }
    }

    private void Add(ClientConnection connection)
    {
        if (!_callers.TryGetValue(connection.Caller, out LinkedList<ClientConnection>? his))
        {
            _callers.Add(connection.Caller, his = new());
        }

        his.AddLast(connection.Place);
        _count++;
    }

    private void Remove(ClientConnection connection)
    {
        if (connection.Place.List is not { } his)
        {
            return; // it was made to leave
        }

        his.Remove(connection.Place);
        _count--;
        if (his.Count == 0)
        {
            _callers.Remove(connection.Caller);
        }
    }

    /// <summary>Which gives way, if there is no room; it counts no more.</summary>
    /// <param name="caller">Who has one more.</param>
    private ClientConnection? Leaving(string caller)
    {
        LinkedList<ClientConnection> most = _callers[caller];
        if (most.Count <= Share)
        {
            if (_count <= options.Connections)
            {
                return null;
            }

            most = _callers.Values.MaxBy(his => his.Count)!;
        }

        return LeavingOf(most);
    }

    private ClientConnection LeavingOf(LinkedList<ClientConnection> most)
    {
        ClientConnection leaving = most.Take(LookedAt).FirstOrDefault(connection => connection.UnderWay == 0) ?? most.First!.Value;
        Remove(leaving);
        return leaving;
    }

    private void Leave(ClientConnection? leaving, string reason = "its caller has more connections than his share")
    {
        if (leaving is not null)
        {
            meter.RequestRefused("connection.evicted");
            leaving.Abort(reason);
        }
    }

    private sealed class Use(ClientConnections connections, ClientConnection connection) : IDisposable
    {
        public void Dispose()
        {
            lock (connections._lock)
            {
                connection.UnderWay--;
            }
        }
    }

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
}

/// <summary>A connection of a client.</summary>
internal sealed class ClientConnection
{
    private readonly ConnectionContext _context;

    public ClientConnection(ConnectionContext context)
    {
        _context = context;
        Place = new(this);
    }

    /// <summary>Whose it is, as far as that is known.</summary>
    public required string Caller { get; set; }

    /// <summary>Requests that are under way on it.</summary>
    public int UnderWay { get; set; }

    /// <summary>Where it stands among those of its caller.</summary>
    public LinkedListNode<ClientConnection> Place { get; }

    public void Abort(string reason) => _context.Abort(new ConnectionAbortedException(reason));
}
