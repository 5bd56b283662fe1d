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
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), response => response.Name[0] == '2');
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
    }
}
