using Dit.Files;

namespace Dit.LanguageModels;

/// <summary>A secret that is sent to its endpoint and shown nowhere: printing it prints dots.</summary>
public sealed class ApiKey
{
    private const int MostCharacters = 4096, ShortestHidden = 6;
    private const string Hidden = "•••";
    private readonly string secret;

    private ApiKey(string secret) => this.secret = secret;

    /// <summary>The key in an environment variable.</summary>
    /// <exception cref="DitException">The variable is not set, or holds no key.</exception>
    public static ApiKey FromEnvironment(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? Checked($"environment variable {variable}", value)
            : throw new DitException($"environment variable {variable}: expected a key, found nothing");

    /// <summary>The key in a file, which holds nothing else.</summary>
    /// <exception cref="DitException">The file cannot be read, or holds no key.</exception>
    public static ApiKey FromFile(string path) => Checked(path, WholeFile.ReadText(path));

    /// <summary>A text with the key in it made unreadable: an endpoint may repeat what it was sent.</summary>
    public string Hide(string text) => secret.Length >= ShortestHidden ? text.Replace(secret, Hidden, StringComparison.Ordinal) : text;

    /// <inheritdoc />
    public override string ToString() => Hidden;

    internal string Reveal() => secret;

    /// <summary>A key goes into a header, which takes one line of ASCII.</summary>
    private static ApiKey Checked(string place, string text)
    {
        var key = text.Trim();
        return key.Length is > 0 and <= MostCharacters && key.All(c => c is > ' ' and < (char)127)
            ? new ApiKey(key)
            : throw new DitException($"{place}: expected a key, one word of at most {MostCharacters} ASCII characters, found something else");
    }
}
