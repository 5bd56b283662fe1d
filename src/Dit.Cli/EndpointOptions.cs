using System.CommandLine;
using System.Globalization;
using Dit.LanguageModels;

namespace Dit.Cli;

/// <summary>The options of every command that asks a language model.</summary>
internal sealed class EndpointOptions
{
    private const string DefaultKeyVariable = "DIT_API_KEY";
    private readonly Option<string?> url, model, keyVariable, keyFile;
    private readonly Option<decimal?> priceIn, priceOut, limit;
    private readonly Option<int?> parallel;
    private readonly string prefix;

    /// <summary>The options; with a prefix, <c>--judge-url</c> for instance, where not all of a command is about the model.</summary>
    public EndpointOptions(string prefix = "")
    {
        this.prefix = prefix;
        url = new("--" + prefix + "url") { Description = "Address of an OpenAI-style endpoint.", HelpName = "http://localhost:8000/v1", Required = prefix.Length == 0 };
        model = new("--" + prefix + "model") { Description = "Name by which the endpoint knows the model.", HelpName = "NAME", Required = prefix.Length == 0 };
        keyVariable = new("--" + prefix + "key-env") { Description = $"Environment variable that holds the key; without it, {DefaultKeyVariable} where that is set.", HelpName = "VARIABLE" };
        keyFile = new("--" + prefix + "key-file") { Description = "File that holds the key, instead of a variable.", HelpName = "FILE" };
        priceIn = Amount("price-in", "Dollars for a million tokens that are sent.", "DOLLARS");
        priceOut = Amount("price-out", "Dollars for a million tokens that are received.", "DOLLARS");
        limit = Amount("limit", "Stops before more is spent in this run: dollars where prices are given, else tokens.", "AMOUNT");
        parallel = Verb.Count("--" + prefix + "parallel", "Requests at the same time; without it, 8.");
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [url, model, keyVariable, keyFile, priceIn, priceOut, limit, parallel];

    /// <summary>Whether an endpoint is named.</summary>
    public bool AreGiven(ParseResult parsed) => parsed.GetValue(url) is not null;

    /// <summary>What was given.</summary>
    /// <exception cref="DitException">The address is none, the model or half of the prices is missing, or there is no key where one was said to be.</exception>
    public EndpointSettings Read(ParseResult parsed, string? cache)
    {
        var (sent, received) = (parsed.GetValue(priceIn), parsed.GetValue(priceOut));
        if (sent is null != received is null)
        {
            throw new DitException($"--{prefix}price-in and --{prefix}price-out: expected both prices or none, found one");
        }

        var settings = new EndpointSettings
        {
            Url = parsed.GetValue(url) ?? throw new DitException($"--{prefix}url: expected the address of an endpoint, found nothing"),
            Model = parsed.GetValue(model) ?? throw new DitException($"--{prefix}model: expected the name of a model, found nothing"),
            Key = Key(parsed),
            Prices = sent is { } a && received is { } b ? new Prices(a, b) : null,
            Limit = parsed.GetValue(limit),
            Cache = cache,
        };
        return parsed.GetValue(parallel) is { } number ? settings with { Concurrency = number } : settings;
    }

    private ApiKey? Key(ParseResult parsed) => (parsed.GetValue(keyVariable), parsed.GetValue(keyFile)) switch
    {
        (not null, not null) => throw new DitException($"--{prefix}key-env and --{prefix}key-file: expected one of them, found both"),
        ({ } variable, _) => ApiKey.FromEnvironment(variable),
        (_, { } file) => ApiKey.FromFile(file),
        _ => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(DefaultKeyVariable)) ? null : ApiKey.FromEnvironment(DefaultKeyVariable),
    };

    private Option<decimal?> Amount(string name, string description, string help)
    {
        var option = "--" + prefix + name;
        return new(option)
        {
            Description = description,
            HelpName = help,
            CustomParser = result =>
            {
                if (decimal.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= 1_000_000_000_000)
                {
                    return amount;
                }

                result.AddError($"{option}: expected an amount such as 2.50, found '{result.Tokens[0].Value}'.");
                return null;
            },
        };
    }
}
