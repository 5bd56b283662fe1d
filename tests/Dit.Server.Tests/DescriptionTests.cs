using System.Text.Json;
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

    private static string Schema(JsonElement response, string type) => response.GetProperty("content").GetProperty(type).GetProperty("schema").GetProperty("$ref").GetString()!;
}
