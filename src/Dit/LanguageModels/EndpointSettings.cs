namespace Dit.LanguageModels;

/// <summary>Where a language model answers, and how it is asked.</summary>
public sealed record EndpointSettings
{
    private const string Verb = "/chat/completions";

    /// <summary>Where the model answers, such as <c>http://localhost:8000/v1</c>; the whole address with <c>/chat/completions</c> is taken too.</summary>
    /// <exception cref="DitException">It is no address of a web server, or holds a name and password.</exception>
    public required string Url
    {
        get => url;
        init => url = Checked(value);
    }

    /// <summary>The name the endpoint knows the model by.</summary>
    public required string Model { get; init; }

    /// <summary>What the endpoint knows the user by; null where it asks for nothing.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>How freely the model answers; null leaves it to the endpoint, as some models accept nothing else.</summary>
    public float? Temperature { get; init; }

    /// <summary>Requests under way at the same time.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>How often a request that failed for the moment is sent again.</summary>
    public int Retries { get; init; } = 6;

    /// <summary>The wait before the second attempt; it doubles with each further one, up to a minute.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>What tokens cost; null where that is unknown, or nothing.</summary>
    public Prices? Prices { get; init; }

    /// <summary>What may be spent in one run: dollars where prices are known, else tokens, those sent and those received together; null for no limit.</summary>
    public decimal? Limit { get; init; }

    /// <summary>Folder that keeps every answer, so that nothing is asked twice; null keeps none.</summary>
    public string? Cache { get; init; }

    private readonly string url = "";

    /// <summary>The address as it is shown: without a query, which may hold a secret.</summary>
    internal string Shown => new Uri(url).GetLeftPart(UriPartial.Path) + Verb;

    private static string Checked(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttp && uri.Scheme != Uri.UriSchemeHttps) || uri.Host.Length == 0)
        {
            throw new DitException($"{Printable.Text(text)}: expected the address of an endpoint, such as http://localhost:8000/v1, found something else");
        }

        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new DitException($"{uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)}: expected an address without a name, password, query or fragment, found one with it");
        }

        var path = text.TrimEnd('/');
        return path.EndsWith(Verb, StringComparison.Ordinal) ? path[..^Verb.Length] : path;
    }
}
