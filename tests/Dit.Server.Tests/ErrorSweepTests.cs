using System.Text;
using System.Text.Json;

namespace Dit.Server;

public sealed class ErrorSweepTests
{
    private static readonly string[] s_bodies =
    [
        "", "{", "[]", "null", "1", "\"x\"", "{\"a\":1}", "{\"messages\":{}}", "{\"finetune\":{}}", "{\"finetune\":\"../..\"}", "{\"finetune\":\"alba\",\"question\":\"\"}",
        "{\"model\":1}", "{\"model\":\"base\",\"messages\":[1]}", "{\"model\":\"base\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "{\"messages\":[{\"role\":\"nobody\",\"content\":\"x\"}]}", "{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"}]}", "{\"model\":\"\\ud800\"}", "{\"\\ud800\":1}",
        "{\"finetune\":\"alba\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"strength\":1e308}", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":99999999999}",
    ];

    [Fact]
    public async Task No_error_tells_of_the_servers_folders_or_insides()
    {
        await using var world = await ServedWorld.Start();
        string[] paths = ["/api/status", "/api/finetunes", "/api/finetunes/x", "/api/finetunes/x/diff", "/api/ask", "/api/assess", "/api/audits", "/api/audits/x", "/api/audits/x/events", "/api/audits/x/report.json", "/v1/models", "/v1/models/x", "/v1/chat/completions", "/api/openapi.json", "/", "/page/x"];
        var errors = 0;
        foreach (var path in paths)
        {
            foreach (var method in new[] { "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "NONSENSE" })
            {
                foreach (var body in method == "POST" ? s_bodies : [""])
                {
                    foreach (var type in method == "POST" ? ["application/json", "multipart/form-data; boundary=b", "multipart/form-data", "text/plain", "; ;"] : new[] { "application/json" })
                    {
                        using var request = new HttpRequestMessage(new HttpMethod(method), path);
                        if (method == "POST")
                        {
                            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
                            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                        }

                        using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
                        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
                        var where = $"{method} {path} {type} {body}: {(int)response.StatusCode} {text}";
                        Assert.True((int)response.StatusCode < 500, where);
                        if ((int)response.StatusCode >= 400)
                        {
                            errors++;
                            RequireDiscreet(text, where);
                            if (method != "HEAD")
                            {
                                Assert.True(JsonSerializer.Deserialize<JsonElement>(text).GetProperty("error").GetProperty("message").GetString()!.Contains("expected", StringComparison.Ordinal), where);
                            }
                        }
                    }
                }
            }
        }

        Assert.True(errors > 200);
        Assert.Empty(world.Told);
    }

    private static void RequireDiscreet(string text, string where)
    {
        foreach (var secret in new[] { "   at ", "Exception", "System.", "Dit.Server", "Microsoft.", "/models/", Path.GetTempPath(), AppContext.BaseDirectory, Environment.UserName + "@" })
        {
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{where} tells {secret}");
        }
    }
}
