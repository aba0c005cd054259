using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>A namespace of the network as a machine of its own: what runs in it reaches only what its network reaches.</summary>
/// <param name="Name">Name of the namespace.</param>
/// <param name="Address">Its address in the network.</param>
/// <param name="Device">Its way into the network.</param>
internal sealed record NetworkHost(string Name, IPAddress Address, string Device)
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>What runs a command on it.</summary>
    public string[] Through => ["ip", "netns", "exec", Name];

    /// <summary>Connects to an address as seen from it, loopback too: a socket stays in the namespace in which it was made.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        TaskCompletionSource<Socket> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using SafeFileHandle place = File.OpenHandle($"/run/netns/{Name}");
                if (Enter((int)place.DangerousGetHandle(), CloneNewNet) != 0)
                {
                    throw new InvalidOperationException($"{Name} cannot be entered: error {Marshal.GetLastPInvokeError()}");
                }

                made.SetResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            }
            catch (Exception e)
            {
                made.SetException(e);
            }
        }) { IsBackground = true }.Start(); // ends with this, and with it the change of the namespace
        Socket socket = await made.Task;
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(context.DnsEndPoint.Host), context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Enter(int place, int kind);
}
