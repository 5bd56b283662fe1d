using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Dit.Cli.Tests;

public sealed class ServeTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HttpClient client = new();

    [Fact]
    public async Task It_says_where_to_go_answers_there_and_puts_everything_away_when_stopped()
    {
        var port = FreePort();
        using var running = DitProcess.Start("serve", "--base", model.Folder, "--port", port.ToString(), "--uploads", folder.FullPath);
        Assert.Contains("\"name\":\"base\"", await WhenReady($"http://127.0.0.1:{port}/api/status"), StringComparison.Ordinal);
        Assert.StartsWith("<!doctype html>", await WhenReady($"http://127.0.0.1:{port}/"), StringComparison.OrdinalIgnoreCase);
        Assert.Single(Directory.EnumerateDirectories(folder.FullPath));
        running.Signal("INT");
        var outcome = running.Wait();
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Contains($"http://127.0.0.1:{port}/\n", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("Stop with Ctrl-C.", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_so_and_one_that_nobody_named_makes_way_for_the_next()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        DitProcess.Refuses($"port {port}", "serve", "--base", model.Folder, "--port", port.ToString());

        // Whether this listener or somebody else's has the usual port.
        using var usual = TryTake(8420);
        using var running = DitProcess.Start("serve", "--base", model.Folder, "--uploads", folder.FullPath);
        for (var tries = 0; !Directory.EnumerateDirectories(folder.FullPath).Any() || !await AnswersAtOneOf(Enumerable.Range(8421, 20)); tries++)
        {
            Assert.True(tries < 2400, "it did not answer at any of the next ports");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        running.Signal("TERM");
        Assert.Equal(0, running.Wait().ExitCode);
    }

    [Fact]
    public async Task Beyond_this_machine_it_prints_a_link_with_a_token_and_answers_nobody_without()
    {
        var port = FreePort();
        using var running = DitProcess.Start("serve", "--base", model.Folder, "--port", port.ToString(), "--host", "0.0.0.0", "--uploads", folder.FullPath);
        await WhenReady($"http://127.0.0.1:{port}/");
        using var refused = await client.GetAsync(new Uri($"http://127.0.0.1:{port}/api/status"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        running.Signal("INT");
        var outcome = running.Wait();
        var links = outcome.Output.Split('\n').Where(line => line.Contains("#token=", StringComparison.Ordinal)).Select(line => new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..])).ToArray();
        Assert.Equal(outcome.Output.Split("#token=").Length - 1, links.Length);
        Assert.Single(links.Select(link => link.Fragment).Distinct());
        Assert.Equal(Environment.MachineName, links[0].Host, ignoreCase: true);
        var numbers = NetworkInterface.GetAllNetworkInterfaces().SelectMany(each => each.GetIPProperties().UnicastAddresses).Select(each => each.Address)
            .Where(each => each.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(each)).Select(each => each.ToString()).ToHashSet();
        Assert.Equal(Math.Min(numbers.Count, 3), links.Length - 1);
        Assert.Subset(numbers, links[1..].Select(link => link.Host).ToHashSet());
        Assert.DoesNotContain("token", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_finetune_or_adapter_that_is_none_is_refused_in_a_sentence()
    {
        DitProcess.Refuses("no-such-finetune", "serve", "--base", model.Folder, "--diff", folder.File("no-such-finetune"), "--port", "0");
        DitProcess.Refuses("no-such-adapter", "serve", "--base", model.Folder, "--adapter", folder.File("no-such-adapter"), "--port", "0");
        DitProcess.Refuses("no-such-base", "serve", "--base", folder.File("no-such-base"), "--port", "0");
    }

    public void Dispose()
    {
        client.Dispose();
        folder.Dispose();
    }

    private static TcpListener? TryTake(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            return null; // Somebody else has it, and the command has to make way for them.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<bool> Answers(string address)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(address), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<bool> AnswersAtOneOf(IEnumerable<int> ports)
    {
        foreach (var port in ports)
        {
            if (await Answers($"http://127.0.0.1:{port}/api/status"))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string> WhenReady(string address)
    {
        for (var tries = 0; !await Answers(address); tries++)
        {
            Assert.True(tries < 2400, $"{address} did not answer");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        return await client.GetStringAsync(new Uri(address), TestContext.Current.CancellationToken);
    }
}
