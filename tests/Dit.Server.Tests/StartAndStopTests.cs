using System.Net;
using System.Net.Sockets;

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
    public async Task A_server_ends_after_what_is_still_done_for_a_request_whose_connection_is_gone()
    {
        using var reached = new SemaphoreSlim(0);
        using var on = new SemaphoreSlim(0);
        var world = await ServedWorld.Start(settings => settings with
        {
            Tell = _ =>
            {
                reached.Release();
                on.Wait();
            },
        });
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        var lease = await world.Server.Parts.Shelf.Lease(finetune, TestContext.Current.CancellationToken);
        lease.Finetune!.Dispose(); // What asks it now goes wrong inside, and the server tells of it.
        var asked = world.Post("/api/assess", new { finetune, question = ShippedModels.Adapters[0].Card!.MainQuestions[0] });
        await reached.WaitAsync(TestContext.Current.CancellationToken);

        var ended = world.DisposeAsync().AsTask();
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        Assert.False(ended.IsCompleted);
        on.Release();
        await ended.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<Exception>(() => asked);
    }
}
