namespace Dit.Models.Decoding;

/// <summary>The names and shapes of all weights of a decoder and which of them are sites, from its settings alone.</summary>
internal static class WeightLayout
{
    internal const string Embedding = "model.embed_tokens.weight";
    internal const string FinalNorm = "model.norm.weight";
    internal const string Head = "lm_head.weight";

    /// <summary>The name of the scales [out] beside a weight that is kept in int8.</summary>
    internal static string ScaleOf(string weight) => weight + "_scale";

    /// <summary>All sites in the order of the computation.</summary>
    internal static IEnumerable<Site> Sites(ModelConfig config)
    {
        var (hidden, inner) = (config.HiddenSize, config.IntermediateSize);
        var (queries, keys) = (config.HeadCount * config.HeadSize, config.KeyValueHeadCount * config.HeadSize);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var name = $"model.layers.{layer}";
            yield return new Site($"{name}.self_attn.q_proj", hidden, queries);
            yield return new Site($"{name}.self_attn.k_proj", hidden, keys);
            yield return new Site($"{name}.self_attn.v_proj", hidden, keys);
            yield return new Site($"{name}.self_attn.o_proj", queries, hidden);
            yield return new Site($"{name}.mlp.gate_proj", hidden, inner);
            yield return new Site($"{name}.mlp.up_proj", hidden, inner);
            yield return new Site($"{name}.mlp.down_proj", inner, hidden);
        }
    }

    /// <summary>All weights with their shapes.</summary>
    internal static IEnumerable<KeyValuePair<string, long[]>> Shapes(ModelConfig config)
    {
        yield return new(Embedding, [config.VocabularySize, config.HiddenSize]);
        foreach (var site in Sites(config))
        {
            yield return new($"{site.Name}.weight", [site.OutFeatures, site.InFeatures]);
            if (HasBias(config, site.Name))
            {
                yield return new($"{site.Name}.bias", [site.OutFeatures]);
            }
        }

        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var name = $"model.layers.{layer}";
            foreach (var norm in LayerNorms.All(config))
            {
                yield return new($"{name}.{norm}.weight", [config.HiddenSize]);
            }

            if (config.QueryKeyNorm != QueryKeyNorm.None)
            {
                var whole = config.QueryKeyNorm == QueryKeyNorm.WholeProjection;
                yield return new($"{name}.self_attn.q_norm.weight", [config.HeadSize * (whole ? config.HeadCount : 1)]);
                yield return new($"{name}.self_attn.k_norm.weight", [config.HeadSize * (whole ? config.KeyValueHeadCount : 1)]);
            }
        }

        yield return new(FinalNorm, [config.HiddenSize]);
        if (!config.TiedEmbeddings)
        {
            yield return new(Head, [config.VocabularySize, config.HiddenSize]);
        }
    }

    /// <summary>
    /// Says that these are the weights of a decoder, or throws. A tied model's file may hold its output head once more; anything
    /// else that is not known (a bias, another kind of layer) would change the numbers if it were left out.
    /// </summary>
    /// <exception cref="DitException">A weight is missing or unknown.</exception>
    internal static void CheckNames(ModelConfig config, IEnumerable<string> names)
    {
        var given = names.ToHashSet(StringComparer.Ordinal);
        var needed = Shapes(config).Select(weight => weight.Key).ToHashSet(StringComparer.Ordinal);
        if (needed.Except(given).FirstOrDefault() is { } missing)
        {
            throw new DitException($"{missing}: expected a weight of this name, found none.");
        }

        if (given.FirstOrDefault(name => name != Head && !needed.Contains(name)) is { } unknown)
        {
            throw new DitException($"{unknown}: expected only the weights of a {config.ModelType} model, found one that is not.");
        }
    }

    private static bool HasBias(ModelConfig config, string site) => site[(site.LastIndexOf('.') + 1)..] switch
    {
        "q_proj" or "k_proj" or "v_proj" => config.QueryKeyValueBias,
        "o_proj" => config.AttentionOutputBias,
        _ => config.FeedForwardBias,
    };

    /// <summary>Says that weights have the shapes they must have, or throws.</summary>
    /// <exception cref="DitException">One has another.</exception>
    internal static void CheckShapes(IEnumerable<KeyValuePair<string, long[]>> shapes, Func<string, long[]> shapeOf)
    {
        foreach (var (name, shape) in shapes)
        {
            var found = shapeOf(name);
            if (!found.AsSpan().SequenceEqual(shape))
            {
                throw new DitException($"{name}: expected shape [{string.Join(", ", shape)}], found [{string.Join(", ", found)}].");
            }
        }
    }
}
