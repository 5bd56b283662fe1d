using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dit.Server.Shelving;

namespace Dit.Server;

public sealed class StartAndStopTests
{
    [Fact]
    public async Task Where_a_port_is_taken_the_next_is_found_without_loading_again()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var world = await ServedWorld.Start(settings => settings with { Port = taken, LastPort = taken + 20 });
        Assert.InRange(world.Server.Address.Port, taken + 1, taken + 20);
        Assert.Equal($"Port {taken} is taken; trying the next.", world.Told[0]);
        Assert.Single(Directory.EnumerateDirectories(world.UploadsIn));
        await world.Get("/api/status");
    }

    [Fact]
    public async Task Where_the_only_port_is_taken_a_sentence_says_so_and_nothing_is_left()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = ((IPEndPoint)other.LocalEndpoint).Port;
        using var uploads = new TemporaryFolder();
        var settings = new ServerSettings { Port = taken, UploadsIn = uploads.FullPath };
        var error = await Assert.ThrowsAsync<DitException>(() => DitServer.Start(ShippedModels.Base, [], settings, TestContext.Current.CancellationToken));
        Assert.Contains($"port {taken}: expected a free one", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(uploads.FullPath));
    }

    [Fact]
    public async Task A_server_ends_after_what_still_loads_for_a_request_whose_connection_is_gone()
    {
        // Who reads a pipe waits until somebody writes to it.
        using var folder = new TemporaryFolder();
        var pipe = folder.File("adapter_config.json");
        using (var made = Process.Start("mkfifo", [pipe]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        File.WriteAllText(folder.File("adapter_model.safetensors"), "");
        var world = await ServedWorld.Start(settings => settings with { Finetunes = [new OfferedFinetune(folder.FullPath, "slow", Origin.Gallery)] });
        var asked = world.Begin(ServedWorld.Question("slow"), TestContext.Current.CancellationToken);
        await ServedWorld.Until(() => world.Server.Parts.Shelf.Find("slow")!.Users == 1, "to begin");
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);

        var ended = world.DisposeAsync().AsTask();
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.False(ended.IsCompleted);
        await File.WriteAllTextAsync(pipe, "{}", TestContext.Current.CancellationToken);
        await ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<Exception>(() => asked);
    }
}
