using Dit.Models.Checkpoints.Torch;

namespace Dit.Models.Checkpoints.Reference;

/// <summary>
/// A DIT adapter as the reference implementation saves it: {module: (A [out, rank], B [rank, in])}, the other way round than its weight
/// diffs, and again divided by the rank.
/// </summary>
public static class IntrospectionLora
{
    /// <summary>Reads an adapter; its tensors keep the type they are stored in and are the caller's to dispose.</summary>
    /// <exception cref="DitException">It is damaged, holds anything but an adapter, or factors do not go together.</exception>
    public static PeftAdapter Read(string path)
    {
        using var file = TorchFile.Open(path);
        if (file.Root is not TorchDict dict || !FactorPairs.AreIn(dict))
        {
            throw new DitException($"{path}: expected a DIT adapter, pairs of factors by module name, found {(file.Root is TorchList ? "a list, such as weight diffs are kept in" : "something else")}");
        }

        var pairs = FactorPairs.Read(path, dict);
        foreach (var (site, (a, b)) in pairs)
        {
            if (a.Shape[1] != b.Shape[0])
            {
                throw new DitException($"{path}: expected A [out, rank] and B [rank, in] at {site}, found A [{string.Join(", ", a.Shape)}] and B [{string.Join(", ", b.Shape)}]");
            }
        }

        return FactorPairs.Load(file, pairs, pair => (pair.B, pair.A, Transposed: false));
    }
}
