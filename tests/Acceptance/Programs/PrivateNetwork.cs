using System.ComponentModel;
using System.Diagnostics;
using System.Net;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>
/// Machines of their own on this one, joined by a switch, of which any two can be cut off from each other: namespaces of the
/// network, which Linux gives to those who may have them.
/// </summary>
internal sealed class PrivateNetwork : IDisposable
{
    private const string Nowhere = "02:00:00:00:00:fe"; // a card that nobody has: what is sent to it is lost without a word

    private readonly List<NetworkHost> _hosts = [];

    private PrivateNetwork()
    {
    }

    /// <summary>The machines, in the order of their names.</summary>
    public IReadOnlyList<NetworkHost> Hosts => _hosts;

    /// <summary>Makes a network; skips the test where that cannot be done.</summary>
    /// <param name="names">Names of the machines; the first has the switch.</param>
    public static PrivateNetwork Make(params string[] names)
    {
        PrivateNetwork network = new();
        string prefix = $"pnl{Guid.NewGuid():n}"[..9];
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                NetworkHost host = new($"{prefix}-{names[i]}", new IPAddress([10, 77, 0, (byte)(i + 1)]), i == 0 ? "switch" : "eth0");
                Ip("netns", "add", host.Name);
                network._hosts.Add(host);
                Ip("-n", host.Name, "link", "set", "lo", "up");
                if (i == 0)
                {
                    Ip("-n", host.Name, "link", "add", host.Device, "type", "bridge");
                }
                else
                {
                    NetworkHost first = network._hosts[0];
                    Ip("-n", first.Name, "link", "add", $"port{i}", "type", "veth", "peer", "name", host.Device, "netns", host.Name);
                    Ip("-n", first.Name, "link", "set", $"port{i}", "master", first.Device, "up");
                }

                Ip("-n", host.Name, "address", "add", $"{host.Address}/24", "dev", host.Device);
                Ip("-n", host.Name, "link", "set", host.Device, "up");
            }

            return network;
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            network.Dispose();
            Assert.Skip($"Namespaces of the network cannot be made here: {e.Message}");
            throw;
        }
    }

    /// <summary>From now on nothing passes between two of them, either way, and neither is told.</summary>
    public static void Cut(NetworkHost one, NetworkHost other)
    {
        Ip("-n", one.Name, "neighbour", "replace", $"{other.Address}", "lladdr", Nowhere, "dev", one.Device, "nud", "permanent");
        Ip("-n", other.Name, "neighbour", "replace", $"{one.Address}", "lladdr", Nowhere, "dev", other.Device, "nud", "permanent");
    }

    /// <summary>From now on they reach each other again.</summary>
    public static void Heal(NetworkHost one, NetworkHost other)
    {
        Ip("-n", one.Name, "neighbour", "delete", $"{other.Address}", "dev", one.Device);
        Ip("-n", other.Name, "neighbour", "delete", $"{one.Address}", "dev", other.Device);
    }

    public void Dispose()
    {
        foreach (NetworkHost host in _hosts)
        {
            Ip("netns", "delete", host.Name);
        }
    }

    /// <exception cref="InvalidOperationException">The command fails; the message says why.</exception>
    private static void Ip(params string[] arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string error = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        if (ip.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }
}
