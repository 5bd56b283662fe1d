using Dit.Server.Safety;
using Microsoft.AspNetCore.Builder;

namespace Dit.Server.Api;

/// <summary>Says in the API's description with which statuses an endpoint refuses.</summary>
internal static class EndpointErrors
{
    /// <summary>Adds them.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ErrorBody>(status);
        }

        return endpoint;
    }
}
