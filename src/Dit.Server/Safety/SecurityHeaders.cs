namespace Dit.Server.Safety;

/// <summary>Headers that keep browsers from doing more with an answer than they have to.</summary>
internal static class SecurityHeaders
{
    /// <summary>The page may load its own files and talk to its own server, and nothing else.</summary>
    public const string Page = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    /// <summary>An audit's page brings its style and plots with it, and runs nothing.</summary>
    public const string Report = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

    private const string Nothing = "default-src 'none'; frame-ancestors 'none'";

    /// <summary>Sets them.</summary>
    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        var api = IsApi(context.Request.Path);
        headers.ContentSecurityPolicy = api ? Nothing : Page;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()";
        headers.CacheControl = api ? "no-store" : "no-cache";
    }

    /// <summary>Whether it is for programs, not one of the page's files.</summary>
    public static bool IsApi(PathString path) => path.StartsWithSegments("/api") || path.StartsWithSegments("/v1");
}
