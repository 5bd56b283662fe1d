using System.Net;
using System.Net.Http.Json;

namespace Dit.Server;

public sealed class SafetyTests
{
    private const string Token = "a-token-for-tests";

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("null")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("http://localhost:1")]
    [InlineData("file://")]
    [InlineData("chrome-extension://abc")]
    public async Task Pages_of_other_origins_can_neither_read_nor_change_anything(string origin)
    {
        await using var world = await ServedWorld.Start();
        foreach (var (method, path) in new[] { ("GET", "/api/status"), ("POST", "/api/ask"), ("POST", "/api/finetunes"), ("DELETE", "/api/finetunes/x"), ("OPTIONS", "/api/ask"), ("POST", "/v1/chat/completions"), ("GET", "/") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Add("Origin", origin);
            using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
            await ServedWorld.Sentence(response, HttpStatusCode.Forbidden);
            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task The_servers_own_page_may_ask()
    {
        await using var world = await ServedWorld.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/ask") { Content = JsonContent.Create(ServedWorld.Question()) };
        request.Headers.Add("Origin", world.Server.Address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task What_a_browser_marks_as_from_elsewhere_reads_nothing(string site)
    {
        await using var world = await ServedWorld.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        request.Headers.Add("Sec-Fetch-Site", site);
        using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(response, HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("evil.example", 421)]
    [InlineData("evil.example:8420", 421)]
    [InlineData("127.0.0.1.evil.example", 421)]
    [InlineData("169.254.169.254", 421)]
    [InlineData("localhost", 200)]
    [InlineData("LOCALHOST:9000", 200)]
    [InlineData("127.0.0.1:9000", 200)]
    [InlineData("[::1]:9000", 200)]
    public async Task Names_that_were_made_to_lead_here_are_refused(string host, int status)
    {
        await using var world = await ServedWorld.Start();
        foreach (var path in new[] { "/api/status", "/" })
        {
            Assert.StartsWith($"HTTP/1.1 {status}", await world.Raw($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_a_token_the_API_answers_nobody_who_does_not_show_it_and_the_page_everybody()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Token = Token });
        string?[] wrong = [null, "", "Bearer", "Bearer ", "Bearer x", $"Bearer {Token}x", $"Bearer {Token[..^1]}", $"Basic {Token}", Token];
        foreach (var shown in wrong)
        {
            foreach (var path in new[] { "/api/status", "/api/finetunes", "/api/audits", "/api/openapi.json", "/v1/models", "/api/nowhere" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.TryAddWithoutValidation("Authorization", shown);
                using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.DoesNotContain(Token, await ServedWorld.Sentence(response, HttpStatusCode.Unauthorized), StringComparison.Ordinal);
            }
        }

        using var page = await world.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        world.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {Token}");
        await world.Get("/api/status");
        Assert.DoesNotContain(world.Told, sentence => sentence.Contains(Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Beyond_this_machine_there_is_always_a_token_and_a_new_one_each_time()
    {
        var tokens = new List<string?>();
        for (var i = 0; i < 2; i++)
        {
            await using var world = await ServedWorld.Start(settings => settings with { Address = IPAddress.Any });
            tokens.Add(world.Server.Token);
            Assert.StartsWith("HTTP/1.1 401", await world.Raw("GET /api/status HTTP/1.1\r\nHost: 10.1.2.3\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 200", await world.Raw($"GET /api/status HTTP/1.1\r\nHost: 10.1.2.3\r\nAuthorization: Bearer {world.Server.Token}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 421", await world.Raw($"GET /api/status HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {world.Server.Token}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        }

        Assert.All(tokens, token => Assert.True(token!.Length >= 43));
        Assert.NotEqual(tokens[0], tokens[1]);
    }

    [Fact]
    public async Task Every_answer_carries_the_headers_that_keep_browsers_in_check()
    {
        await using var world = await ServedWorld.Start();
        foreach (var path in new[] { "/", "/page/index.html", "/api/status", "/api/nowhere", "/nowhere", "/v1/models" })
        {
            using var response = await world.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("default-src", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Equal("no-referrer", response.Headers.GetValues("Referrer-Policy").Single());
            Assert.Equal(path.StartsWith("/api", StringComparison.Ordinal) || path.StartsWith("/v1", StringComparison.Ordinal), response.Headers.CacheControl!.NoStore);
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task The_pages_files_are_not_sent_again_while_they_are_the_same()
    {
        await using var world = await ServedWorld.Start();
        using var first = await world.Client.GetAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("text/html", first.Content.Headers.ContentType!.MediaType);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await world.Client.SendAsync(again, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        using var head = await world.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/page/index.html"), TestContext.Current.CancellationToken);
        Assert.Equal(first.Headers.ETag, head.Headers.ETag);
        Assert.Equal(first.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Equal("", await head.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/page/../Dit.Server.csproj")]
    [InlineData("/page/..%2f..%2fetc/passwd")]
    [InlineData("/page//etc/passwd")]
    [InlineData("/../../../../etc/passwd")]
    [InlineData("/page/index.html%00.js")]
    [InlineData("/api/finetunes/..%2f..%2fx")]
    public async Task Paths_lead_nowhere_but_to_what_is_there(string path)
    {
        await using var world = await ServedWorld.Start();
        var answer = await world.Raw($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.True(answer.StartsWith("HTTP/1.1 404", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal), answer);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_and_headers_that_come_too_slowly_are_not_waited_for()
    {
        await using var world = await ServedWorld.Start(settings => settings with
        {
            Connections = new ConnectionLimits(512, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 1, TimeSpan.FromSeconds(1)),
        });
        var patience = TimeSpan.FromSeconds(60);
        Assert.StartsWith("HTTP/1.1 408", await world.Raw("GET /api/status HTTP/1.1\r\nHost: loc", patience), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408", await world.Raw("POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"messages\":", patience), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408", await world.Raw("POST /api/finetunes HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n--b\r\n", patience), StringComparison.Ordinal);
        Assert.Equal(0, world.Server.Parts.Uploads.Reserved);
    }

    [Fact]
    public async Task A_body_that_trickles_is_cut_off_by_its_rate()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Connections = settings.Connections with { Grace = TimeSpan.FromSeconds(2), BytesPerSecond = 10_000 } });
        var answer = await world.Raw("POST /api/finetunes HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n--b\r\n", TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        await ServedWorld.Until(() => world.Server.Parts.Uploads.Reserved == 0, "to forget the upload");
    }
}
