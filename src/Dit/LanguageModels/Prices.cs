namespace Dit.LanguageModels;

/// <summary>What a model costs.</summary>
/// <param name="InputPerMillion">Dollars for a million tokens that are sent.</param>
/// <param name="OutputPerMillion">Dollars for a million tokens that are received.</param>
public sealed record Prices(decimal InputPerMillion, decimal OutputPerMillion)
{
    private const decimal Million = 1_000_000;

    /// <summary>Dollars for so many tokens.</summary>
    public decimal Of(TokenUsage usage) => ((usage.Input * InputPerMillion) + (usage.Output * OutputPerMillion)) / Million;
}
