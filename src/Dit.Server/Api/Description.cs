using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dit.Server.Api;

/// <summary><c>/api/openapi.json</c>: the whole API, described for programs. It is written from the endpoints themselves when it is first asked for.</summary>
internal static class Description
{
    private const string Address = "/api/openapi.json";

    /// <summary>Adds what it is written with.</summary>
    public static void Add(IServiceCollection services) => services.AddOpenApi(options => options.AddDocumentTransformer((document, _, _) =>
    {
        document.Info.Title = "dit";
        document.Info.Version = "1";
        document.Info.Description = "Asks finetunes of one base model what they were trained on. Errors are one sentence: {\"error\":{\"message\",\"type\"}}. Where the server asks for a token, send it as Authorization: Bearer TOKEN.";
        return Task.CompletedTask;
    }));

    /// <summary>Adds the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes) => routes.MapOpenApi(Address);
}
