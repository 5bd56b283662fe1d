using System.Net;
using System.Net.Sockets;

namespace Dit.Browser.Tests;

/// <summary>A way to the server that can be made slow: what the server says then comes a few bytes at a time, as over a bad connection.</summary>
internal sealed class SlowLine : IDisposable
{
    private const int BytesAtOnce = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource end = new();
    private readonly Uri server;
    private volatile bool isSlow;

    public SlowLine(string server)
    {
        this.server = new Uri(server);
        listener.Start();
        _ = Accept();
    }

    /// <summary>Where the page is over this line, without a slash at the end.</summary>
    public string Address => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>Whether it is slow now.</summary>
    public bool IsSlow
    {
        get => isSlow;
        set => isSlow = value;
    }

    public void Dispose()
    {
        end.Cancel();
        listener.Dispose();
        end.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                _ = Carry(await listener.AcceptTcpClientAsync(end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Carry(TcpClient browser)
    {
        using var here = browser;
        using var there = new TcpClient();
        try
        {
            await there.ConnectAsync(server.Host, server.Port, end.Token);
            // When either hangs up, so does this.
            await Task.WhenAny(here.GetStream().CopyToAsync(there.GetStream(), end.Token), Back(there.GetStream(), here.GetStream()));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Somebody hung up.
        }
    }

    private async Task Back(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer.AsMemory(0, IsSlow ? BytesAtOnce : buffer.Length), end.Token) is var count && count > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, count), end.Token);
            if (IsSlow)
            {
                await Task.Delay(Pause, end.Token);
            }
        }
    }
}
