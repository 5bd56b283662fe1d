using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Dit.Server.Api;

/// <summary><c>/api/openapi.json</c>: the whole API, described for programs. It is written from the endpoints themselves when it is first asked for.</summary>
internal static class Description
{
    private const string Address = "/api/openapi.json", Token = "bearer";

    /// <summary>Adds what it is written with.</summary>
    public static void Add(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Simplify(schema, context.JsonTypeInfo);
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "dit";
            document.Info.Version = "1";
            document.Info.Description = "Asks finetunes of one base model what they were trained on. Errors are one sentence: {\"error\":{\"message\",\"type\"}}. Where the server asks for a token, send it as Authorization: Bearer TOKEN.";
            document.AddComponent<IOpenApiSecurityScheme>(Token, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "The token that a server prints when it starts; one that listens on its own machine's address only asks for none.",
            });
            document.Security = [[], new() { [new OpenApiSecuritySchemeReference(Token, document)] = [] }];
            return Task.CompletedTask;
        });
    });

    /// <summary>Adds the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapOpenApi(Address);

    /// <summary>What generators of clients understand: one type for each value, where the usual description has several or none.</summary>
    private static void Simplify(OpenApiSchema schema, JsonTypeInfo described)
    {
        var type = Nullable.GetUnderlyingType(described.Type) ?? described.Type;
        if (type == typeof(double) || type == typeof(float))
        {
            schema.AnyOf = null;
            Is(JsonSchemaType.Number);
        }
        else if (type == typeof(byte[]))
        {
            Is(JsonSchemaType.String);
            schema.Format = "binary"; // Nothing but the parts of an upload is bytes.
        }
        else if (type.IsEnum)
        {
            Is(JsonSchemaType.String);
            schema.Enum = [.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => JsonSerializer.SerializeToNode(Enum.ToObject(type, value), type, ApiJson.Options)!)];
        }

        void Is(JsonSchemaType one) => schema.Type = type == described.Type ? one : one | JsonSchemaType.Null;
    }
}
