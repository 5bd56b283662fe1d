using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Dit.Server.Safety;

/// <summary>
/// Who may ask. Pages of other origins may not, nor names that were made to lead here (DNS rebinding); where others than this machine's users
/// can reach the server, neither may anybody without the token.
/// </summary>
/// <param name="token">What has to be shown; null where nothing has.</param>
/// <param name="address">Where the server listens.</param>
internal sealed class Admission(string? token, IPAddress address)
{
    private const string Scheme = "Bearer ";
    private static readonly string[] s_thisMachine = ["localhost", "127.0.0.1", "[::1]"];

    private readonly byte[]? digest = token is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(token));

    /// <summary>A token nobody can guess.</summary>
    public static string NewToken() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    /// <summary>Lets a request through or throws.</summary>
    /// <exception cref="RefusedException">It may not ask.</exception>
    public void Require(HttpRequest request)
    {
        if (!IsOwnHost(request.Host))
        {
            throw new RefusedException(StatusCodes.Status421MisdirectedRequest, "forbidden", "the Host header: expected this server's address, found another name");
        }

        var api = SecurityHeaders.IsApi(request.Path);
        if (IsForeign(request, api))
        {
            throw RefusedException.Forbidden("the origin: expected this server's own page or a program, found a page from elsewhere");
        }

        if (api && digest is not null && !Shows(request))
        {
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            throw new RefusedException(StatusCodes.Status401Unauthorized, "unauthorized", "the token: expected the one that was printed when the server started, as Authorization: Bearer …, found none or another");
        }
    }

    /// <summary>Loopback names; with a token, which no page from elsewhere has, also every number and this machine's name.</summary>
    private bool IsOwnHost(HostString host)
    {
        if (!host.HasValue || s_thisMachine.Contains(host.Host, StringComparer.OrdinalIgnoreCase) || IsAddress(host.Host, address))
        {
            return host.HasValue;
        }

        return digest is not null
            && (IPAddress.TryParse(host.Host.Trim('[', ']'), out _)
                || string.Equals(host.Host.Split('.')[0], Environment.MachineName.Split('.')[0], StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsAddress(string host, IPAddress address) => IPAddress.TryParse(host.Trim('[', ']'), out var found) && found.Equals(address);

    private static bool IsForeign(HttpRequest request, bool api)
    {
        if (request.Headers.Origin is { Count: > 0 } origins)
        {
            // Programs in between may speak https where this server does not.
            return origins is not [{ } origin] || !Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || !string.Equals(origin[(uri.Scheme.Length + 3)..], request.Host.Value, StringComparison.OrdinalIgnoreCase);
        }

        return api && request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none");
    }

    private bool Shows(HttpRequest request) =>
        request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim())), digest);
}
