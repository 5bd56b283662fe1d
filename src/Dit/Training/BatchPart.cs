namespace Dit.Training;

/// <summary>Rows of a batch that are computed together.</summary>
/// <param name="Rows">Which rows of the batch they are.</param>
/// <param name="Tokens">Their tokens, padded to the longest of them.</param>
/// <param name="Share">The part of the batch's counted tokens that they have, by which their loss and its gradient count.</param>
public sealed record BatchPart(IReadOnlyList<int> Rows, TokenBatch Tokens, double Share);
