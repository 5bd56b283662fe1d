using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Dit.Server.Api;

/// <summary>The page's files, which are part of the program.</summary>
internal static class PageFiles
{
    private const string Folder = "page/";

    /// <summary>Adds an address for each; the page itself is at the root, too.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        var assembly = typeof(PageFiles).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            var file = new Lazy<PageFile>(() =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                var content = new byte[stream.Length];
                stream.ReadExactly(content);
                return new PageFile(content, TypeOf(name), new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..32]}\""));
            });
            string[] methods = [HttpMethods.Get, HttpMethods.Head];
            foreach (var address in name == Folder + "index.html" ? ["/", "/" + name] : new[] { "/" + name })
            {
                routes.MapMethods(address, methods, () => TypedResults.Bytes(file.Value.Content, file.Value.Type, entityTag: file.Value.Tag)).ExcludeFromDescription();
            }
        }
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".json" => "application/json",
        ".txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };

    private sealed record PageFile(byte[] Content, string Type, EntityTagHeaderValue Tag);
}
