namespace Dit.LanguageModels;

/// <summary>What an endpoint was asked so far.</summary>
/// <param name="Asked">Answers that the model gave.</param>
/// <param name="Cached">Answers that were known already.</param>
/// <param name="Retried">Attempts that failed and were made again.</param>
/// <param name="Usage">Tokens of the answers that the model gave, as the endpoint counts them.</param>
/// <param name="Cost">Dollars; null where no prices are known.</param>
public sealed record EndpointReport(long Asked, long Cached, long Retried, TokenUsage Usage, decimal? Cost);
