namespace Dit.Models.Checkpoints;

/// <summary>
/// Names of weights and modules in the layouts that multimodal models have been saved in, turned into those of the text model alone, which
/// are the ones used everywhere else.
/// </summary>
public static class WeightNames
{
    /// <summary>The output head's own name.</summary>
    public const string Head = "lm_head";

    private static readonly (string Stored, string Canonical)[] Prefixes =
        [("language_model.model.", "model."), ("model.language_model.", "model."), ("language_model.lm_head.", "lm_head.")];

    private static readonly string[] OfImages = ["vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."];

    /// <summary>The text model's own name; a name that has no such prefix stays as it is.</summary>
    public static string Canonical(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var (stored, canonical) = Prefixes.FirstOrDefault(prefix => name.StartsWith(prefix.Stored, StringComparison.Ordinal));
        // A module's name may end where the prefix of its weights goes on: language_model.lm_head.
        return stored is not null ? canonical + name[stored.Length..] : name == "language_model.lm_head" ? Head : name;
    }

    /// <summary>A decoder module's name in transformers' multimodal models, whose vision towers have modules of the same short names.</summary>
    public static string InMultimodal(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith("model.", StringComparison.Ordinal) ? "model.language_model." + name["model.".Length..] : name;
    }

    /// <summary>
    /// The weights of a checkpoint that can belong to its decoder: from the decoder's names to those they are stored under. Left out are the
    /// image part of a multimodal model, and the rotary frequencies that old checkpoints hold although they follow from the settings.
    /// </summary>
    /// <param name="names">All names of the checkpoint.</param>
    /// <param name="hasImagePart">It is a multimodal model's.</param>
    /// <exception cref="DitException">Two names stand for the same weight.</exception>
    public static IReadOnlyDictionary<string, string> OfDecoder(IEnumerable<string> names, bool hasImagePart)
    {
        ArgumentNullException.ThrowIfNull(names);
        var stored = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
                || (hasImagePart && Array.Exists(OfImages, prefix => name.StartsWith(prefix, StringComparison.Ordinal))))
            {
                continue;
            }

            if (!stored.TryAdd(Canonical(name), name))
            {
                throw new DitException($"{name}: expected one weight for {Canonical(name)}, found {stored[Canonical(name)]} too.");
            }
        }

        return stored;
    }
}
