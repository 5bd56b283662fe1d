using System.Text.Json;
using Dit.Behaviours;
using Dit.Server.Api;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dit.Server;

public sealed class DescriptionTests
{
    [Fact]
    public async Task Every_address_of_the_API_is_described_with_its_answers()
    {
        await using var world = await ServedWorld.Start();
        var description = await world.Get("/api/openapi.json");
        Assert.StartsWith("3.", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var described = description.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")).ToHashSet(StringComparer.Ordinal);
        var there = world.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText is { } route && (route.StartsWith("/api/", StringComparison.Ordinal) || route.StartsWith("/v1/", StringComparison.Ordinal)) && route != "/api/openapi.json")
            .Select(endpoint => $"{endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single()} {endpoint.RoutePattern.RawText}").ToArray();
        Assert.True(there.Length >= 17, string.Join(", ", there));
        Assert.Equal(there.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        foreach (var operation in description.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(method => method.Value))
        {
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            var responses = operation.GetProperty("responses");
            Assert.Contains(responses.EnumerateObject(), response => response.Name[0] == '2');
            Assert.All(new[] { "401", "403", "421" }, status => Assert.EndsWith("/ErrorBody", Schema(responses.GetProperty(status), "application/json"), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_fields_of_requests_are_described_by_the_names_that_are_sent()
    {
        await using var world = await ServedWorld.Start();
        var schemas = (await world.Get("/api/openapi.json")).GetProperty("components").GetProperty("schemas");
        string[] Fields(string schema) => [.. schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(field => field.Name)];
        Assert.Equal(["finetune", "adapter", "messages", "strength", "temperature", "max_tokens", "seed"], Fields("AskBody"));
        Assert.Equal(["id", "name", "kind", "form", "description", "bytes", "parameters", "can_scale", "removable", "secret"], Fields("FinetuneBody"));
        Assert.Equal(JsonValueKind.Object, schemas.GetProperty("ErrorBody").ValueKind);
        Assert.Equal(["model", "messages", "temperature", "top_p", "max_completion_tokens", "max_tokens", "seed", "stop", "stream", "stream_options"], Fields("ChatBody"));
    }

    [Theory]
    [InlineData("/api/ask", "post", "AskEvents", "piece", "end", "error")]
    [InlineData("/api/audits/{id}/events", "get", "AuditEvents", "progress")]
    [InlineData("/v1/chat/completions", "post", "ChatChunk", "id", "object", "created", "model", "choices", "usage")]
    public async Task What_comes_as_events_is_described_by_their_data(string path, string method, string schema, params string[] fields)
    {
        await using var world = await ServedWorld.Start();
        var description = await world.Get("/api/openapi.json");
        var answer = description.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses").GetProperty("200");
        Assert.EndsWith("/" + schema, Schema(answer, "text/event-stream"), StringComparison.Ordinal);
        var properties = description.GetProperty("components").GetProperty("schemas").GetProperty(schema).GetProperty("properties");
        Assert.Equal(fields, properties.EnumerateObject().Select(field => field.Name));
    }

    [Fact]
    public async Task Every_schema_has_one_type_and_every_reference_leads_somewhere()
    {
        await using var world = await ServedWorld.Start();
        var description = await world.Get("/api/openapi.json");
        var (numbers, references) = (0, 0);
        foreach (var each in Within(description).Where(each => each.ValueKind == JsonValueKind.Object))
        {
            if (each.TryGetProperty("$ref", out var reference) && reference.ValueKind == JsonValueKind.String)
            {
                references++;
                var there = description;
                Assert.All(reference.GetString()!.Split('/').Skip(1), step => Assert.True(there.TryGetProperty(step, out there), reference.GetString()));
            }

            if (each.TryGetProperty("format", out var format) && (format.ValueEquals("double") || format.ValueEquals("float")))
            {
                numbers++;
                Assert.Contains(JsonSerializer.Serialize(each.GetProperty("type")), new[] { "\"number\"", """["null","number"]""" });
                Assert.False(each.TryGetProperty("anyOf", out _), each.ToString());
            }

            if (each.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
            {
                Assert.Contains("string", each.GetProperty("type").ToString(), StringComparison.Ordinal);
                Assert.All(values.EnumerateArray(), value => Assert.Equal(JsonValueKind.String, value.ValueKind));
            }
        }

        Assert.True(numbers > 20 && references > 50, $"{numbers} numbers, {references} references");
        var schemas = description.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["queued", "running", "done", "failed", "cancelled"], Values("AuditState"));
        Assert.Equal(Enum.GetValues<Setting>().Select(each => JsonSerializer.SerializeToElement(each, ApiJson.Options).GetString()), Values("Setting"));
        Assert.All(new[] { "Origin", "FindingLevel" }, name => Assert.NotEmpty(Values(name)));

        string?[] Values(string schema)
        {
            Assert.Equal("string", schemas.GetProperty(schema).GetProperty("type").GetString());
            return [.. schemas.GetProperty(schema).GetProperty("enum").EnumerateArray().Select(value => value.GetString())];
        }
    }

    [Fact]
    public async Task An_upload_is_described_as_a_form_of_files_and_a_name()
    {
        await using var world = await ServedWorld.Start();
        var description = await world.Get("/api/openapi.json");
        Assert.DoesNotContain("IFormFile", description.ToString(), StringComparison.Ordinal);
        var content = description.GetProperty("paths").GetProperty("/api/finetunes").GetProperty("post").GetProperty("requestBody").GetProperty("content");
        Assert.EndsWith("/UploadForm", content.GetProperty("multipart/form-data").GetProperty("schema").GetProperty("$ref").GetString(), StringComparison.Ordinal);
        var form = description.GetProperty("components").GetProperty("schemas").GetProperty("UploadForm");
        Assert.Equal("object", form.GetProperty("type").GetString());
        Assert.Equal(["files"], Names(form.GetProperty("required")));
        var files = form.GetProperty("properties").GetProperty("files");
        Assert.Equal(("array", "string", "binary"), (files.GetProperty("type").GetString(), files.GetProperty("items").GetProperty("type").GetString(), files.GetProperty("items").GetProperty("format").GetString()));
        Assert.Equal("string", form.GetProperty("properties").GetProperty("name").GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_token_is_described_as_one_that_may_be_asked_for()
    {
        await using var world = await ServedWorld.Start();
        var description = await world.Get("/api/openapi.json");
        var scheme = description.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.Equal("""[{},{"bearer":[]}]""", JsonSerializer.Serialize(description.GetProperty("security")));
    }

    [Theory]
    [InlineData("AskBody", "messages")]
    [InlineData("AskedMessage", "role", "content")]
    [InlineData("AssessAsked", "finetune", "question")]
    [InlineData("AuditAsked", "finetune")]
    [InlineData("ChatBody", "model", "messages")]
    [InlineData("ChatStreamOptions")]
    public async Task What_a_request_needs_and_nothing_else_is_described_as_required(string schema, params string[] required)
    {
        await using var world = await ServedWorld.Start();
        var described = (await world.Get("/api/openapi.json")).GetProperty("components").GetProperty("schemas").GetProperty(schema);
        Assert.Equal(required, described.TryGetProperty("required", out var names) ? Names(names) : []);
        Assert.All(required, name => Assert.DoesNotContain("null", described.GetProperty("properties").GetProperty(name).ToString(), StringComparison.Ordinal));
    }

    private static string?[] Names(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetString())];

    private static IEnumerable<JsonElement> Within(JsonElement element) => (element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().Select(each => each.Value),
        JsonValueKind.Array => element.EnumerateArray(),
        _ => [],
    }).SelectMany(Within).Prepend(element);

    private static string Schema(JsonElement response, string type) => response.GetProperty("content").GetProperty(type).GetProperty("schema").GetProperty("$ref").GetString()!;
}
