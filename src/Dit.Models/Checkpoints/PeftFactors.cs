using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>The tensors of a PEFT adapter. PEFT's names exist only here.</summary>
internal static partial class PeftFactors
{
    private const string Prefix = "base_model.model.";

    /// <summary>What the names of other kinds of adapters' tensors give away, the most telling first.</summary>
    private static readonly (string Part, string Reason)[] Strange =
    [
        ("lora_magnitude_vector", "DoRA's magnitudes, which also rescale the weights"),
        ("lora_embedding_", "a LoRA of an embedding, which is no linear layer"),
        (".bias", "a trained bias, which no low-rank addition can hold"),
        (".lora_", "a kind of LoRA tensor that is not known"),
        ("", "a whole module beside the LoRA (modules_to_save)"),
    ];

    /// <summary>Loads all factors, in the order of their site names.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="tensors">What is in it.</param>
    /// <param name="load">Loads one of them by name.</param>
    /// <param name="config">Places, ranks and scalings.</param>
    /// <exception cref="DitException">A tensor is no plain LoRA factor, misses its other half, or does not have the configured place or shape.</exception>
    public static IReadOnlyDictionary<string, LowRankFactors> Read(
        string path, IEnumerable<TensorInfo> tensors, Func<string, Tensor> load, PeftConfig config)
    {
        var halves = new SortedDictionary<string, (TensorInfo? A, TensorInfo? B)>(StringComparer.Ordinal);
        // The configuration's patterns are about the names that the adapter uses.
        var modules = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var info in tensors)
        {
            var name = FactorName().Match(info.Name);
            if (!name.Success)
            {
                var reason = Strange.First(s => info.Name.Contains(s.Part, StringComparison.Ordinal)).Reason;
                throw new DitException($"{path}: expected only {Prefix}….lora_A.weight and lora_B.weight, found '{info.Name}', {reason}.");
            }

            var module = name.Groups["site"].Value;
            var site = WeightNames.Canonical(module);
            if (site == WeightNames.Head)
            {
                throw new DitException($"{path}: expected factors for linear layers inside the decoder, found some for the output head {WeightNames.Head}, which is not supported.");
            }

            modules[site] = module;
            var isA = name.Groups["half"].Value == "A";
            var (a, b) = halves.GetValueOrDefault(site);
            if ((isA ? a : b) is { } earlier)
            {
                throw new DitException($"{path}: expected one tensor for each factor, found both '{earlier.Name}' and '{info.Name}'.");
            }

            halves[site] = isA ? (info, b) : (a, info);
        }

        if (halves.Count == 0)
        {
            throw new DitException($"{path}: expected LoRA factors, found no tensors.");
        }

        foreach (var (site, (a, b)) in halves)
        {
            if (a is null || b is null)
            {
                throw new DitException($"{path}: expected both lora_A and lora_B of {site}, found only '{(a ?? b)!.Name}'.");
            }
        }

        config.Targets.Require(path, halves.Keys.Select(site => modules[site]));
        using var scope = NewDisposeScope();
        var sites = new Dictionary<string, LowRankFactors>();
        foreach (var (site, (a, b)) in halves)
        {
            var (rank, scaling) = config.RankAndScaling(modules[site]);
            Require(path, a!, a!.Shape is [var r, > 0] && r == rank, $"[{rank}, in features]");
            Require(path, b!, b!.Shape is [> 0, var s] && s == rank, $"[out features, {rank}]");
            sites.Add(site, new LowRankFactors(load(a.Name), load(b.Name), scaling));
        }

        foreach (var factors in sites.Values)
        {
            factors.A.MoveToOuterDisposeScope();
            factors.B.MoveToOuterDisposeScope();
        }

        return sites;
    }

    /// <summary>All factors under the names that PEFT gives them.</summary>
    public static IEnumerable<KeyValuePair<string, Tensor>> Named(IReadOnlyDictionary<string, LowRankFactors> sites) =>
        sites.SelectMany(s => new KeyValuePair<string, Tensor>[]
        {
            new($"{Prefix}{s.Key}.lora_A.weight", s.Value.A), new($"{Prefix}{s.Key}.lora_B.weight", s.Value.B),
        });

    /// <summary>Whether factors may have this type.</summary>
    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64;

    private static void Require(string path, TensorInfo info, bool shapeAgrees, string shape)
    {
        if (!shapeAgrees)
        {
            throw new DitException(
                $"{path}: expected '{info.Name}' to have the shape {shape} that {PeftAdapterFolder.ConfigName} implies, "
                + $"found [{string.Join(", ", info.Shape)}].");
        }

        if (!IsFloating(info.Type))
        {
            throw new DitException($"{path}: expected '{info.Name}' to hold floating-point numbers, found {info.Type}.");
        }
    }

    /// <summary>".default" is the name of an adapter inside PEFT, which some writers leave in.</summary>
    [GeneratedRegex(@"\Abase_model\.model\.(?<site>.+)\.lora_(?<half>[AB])(\.default)?\.weight\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex FactorName();
}
