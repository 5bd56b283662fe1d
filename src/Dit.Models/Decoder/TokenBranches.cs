using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// How the tokens of one forward pass hang together that do not follow one another but go on in several ways from where each row's cache
/// ends: a tree for each row, so that many continuations of one text are read at once and what they have in common once.
/// </summary>
/// <param name="Depths">How far behind the cached text each token stands, [B,T] (int64); 0 for the first token of a branch.</param>
/// <param name="Sees">Where a token may look among those of the pass: at itself and what is before it on its branch, [B,T,T] (bool).</param>
internal sealed record TokenBranches(Tensor Depths, Tensor Sees)
{
    /// <summary>
    /// The trees of all rows. <paramref name="parents"/> has for each token of a row which earlier one it follows; -1 for the end of the
    /// cached text. Shorter rows are filled up to <paramref name="tokens"/> with tokens that nobody looks at.
    /// </summary>
    internal static TokenBranches Of(IReadOnlyList<IReadOnlyList<int>> parents, int tokens, Device device)
    {
        var rows = parents.Count;
        var (depths, sees) = (new long[rows * tokens], new bool[rows * tokens * tokens]);
        for (var row = 0; row < rows; row++)
        {
            for (var at = 0; at < tokens; at++)
            {
                var line = ((row * tokens) + at) * tokens;
                if (at < parents[row].Count && parents[row][at] is var parent and >= 0)
                {
                    depths[(row * tokens) + at] = depths[(row * tokens) + parent] + 1;
                    Array.Copy(sees, ((row * tokens) + parent) * tokens, sees, line, tokens);
                }

                sees[line + at] = true;
            }
        }

        return new TokenBranches(tensor(depths, [rows, tokens], device: device), tensor(sees, [rows, tokens, tokens], device: device));
    }
}
