using Dit.Server.Safety;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Dit.Server.Api;

/// <summary>Says in the API's description what an endpoint answers besides what it is asked for.</summary>
internal static class EndpointErrors
{
    /// <summary>With which statuses it, or a group of them, refuses.</summary>
    public static T ProducesErrors<T>(this T endpoint, params int[] statuses)
        where T : IEndpointConventionBuilder
    {
        foreach (var status in statuses)
        {
            endpoint.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ErrorBody), ["application/json"]));
        }

        return endpoint;
    }

    /// <summary>That its answer comes as server-sent events without names, too, where that is asked for.</summary>
    public static RouteHandlerBuilder StreamsToo<T>(this RouteHandlerBuilder endpoint) => endpoint.AddOpenApiOperationTransformer(async (operation, context, cancellation) =>
    {
        context.Document!.AddComponent(typeof(T).Name, await context.GetOrCreateSchemaAsync(typeof(T), parameterDescription: null, cancellation));
        operation.Responses!["200"].Content!.Add(EventWriter.ContentType, new OpenApiMediaType { Schema = new OpenApiSchemaReference(typeof(T).Name, context.Document) });
    });
}
