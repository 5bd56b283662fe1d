namespace Dit.Models.Decoding;

/// <summary>
/// Reads the rotary embeddings from config.json: rope_theta, rope_scaling and rope_local_base_freq of the older layout, rope_parameters, for
/// all layers or for each kind of them, of the newer.
/// </summary>
internal static class RopeReader
{
    private const string Newer = "rope_parameters";
    private const string Older = "rope_scaling";
    private const string FullLayers = "full_attention";
    private const string SlidingLayers = "sliding_attention";

    internal static (RopeSettings Rope, RopeSettings? Sliding) Read(ConfigSettings settings, ModelFamily family, int maxPositions)
    {
        if (settings.Number("partial_rotary_factor", 1) != 1)
        {
            throw settings.Bad("no partial_rotary_factor, which is not supported", settings.Value("partial_rotary_factor")!.Value);
        }

        var theta = settings.Number("rope_theta", family.Theta);
        var newer = settings.Inside(Newer);
        var older = settings.Inside(Older) is { } stated && stated.Names.Any() ? stated : null;
        if (family.SlidingTheta is not { } usual)
        {
            return (OneOf(older, newer, theta, maxPositions, settings), null);
        }

        // Where no layer sees everything, transformers also writes a rope_type of no meaning beside the two.
        if (newer?.Names.FirstOrDefault(name => name is not (FullLayers or SlidingLayers or "rope_type")) is { } unknown)
        {
            throw settings.Bad($"{Newer} of {FullLayers} and {SlidingLayers}", unknown);
        }

        if (newer?.Text("rope_type") is { } kind && kind != "default")
        {
            throw settings.Bad($"{Newer} to have a rope_type for {FullLayers} and {SlidingLayers} each", kind);
        }

        var slidingTheta = settings.Number("rope_local_base_freq", usual);
        return (OneOf(older, newer?.Inside(FullLayers), theta, maxPositions, settings),
            One(newer?.Inside(SlidingLayers), slidingTheta, maxPositions, settings));
    }

    /// <summary>Both layouts at once must say the same.</summary>
    private static RopeSettings OneOf(ConfigSettings? older, ConfigSettings? newer, double theta, int maxPositions, ConfigSettings settings)
    {
        var rope = One(newer ?? older, theta, maxPositions, settings);
        return newer is null || older is null || One(older, rope.Theta, maxPositions, settings) == rope
            ? rope
            : throw settings.Bad($"{Older} to say the same as {Newer}", settings.Value(Older)!.Value);
    }

    private static RopeSettings One(ConfigSettings? rope, double theta, int maxPositions, ConfigSettings settings)
    {
        if (rope is null)
        {
            return new RopeSettings(theta);
        }

        var kind = rope.Text("rope_type") ?? rope.Text("type") ?? "default";
        if (rope.Text("type") is { } second && second != kind)
        {
            throw rope.Bad($"type to be {kind} as rope_type", second);
        }

        string[] used = kind switch
        {
            "default" => [],
            "linear" => ["factor"],
            "llama3" => ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
            _ => throw rope.Bad("a rope_type among default, linear, llama3", $"{kind}, which is not supported"),
        };
        if (rope.Number("partial_rotary_factor", 1) != 1
            || rope.Names.Except([.. used, "rope_type", "type", "rope_theta", "partial_rotary_factor"]).Any())
        {
            var unknown = rope.Names.Except([.. used, "rope_type", "type", "rope_theta"]).First();
            throw rope.Bad($"only settings of the rope_type {kind}", unknown);
        }

        var scaling = kind == "default" ? null : new RopeScaling(rope.Number("factor"), kind == "llama3" ? Bands(rope, maxPositions, settings) : null);
        return new RopeSettings(rope.Number("rope_theta", theta), scaling);
    }

    private static RopeBands Bands(ConfigSettings rope, int maxPositions, ConfigSettings settings)
    {
        const string original = "original_max_position_embeddings";
        var (low, high) = (rope.Number("low_freq_factor"), rope.Number("high_freq_factor"));
        if (high <= low)
        {
            throw rope.Bad("high_freq_factor to be above low_freq_factor", FormattableString.Invariant($"{high} and {low}"));
        }

        var longest = rope.Size(original, maxPositions, int.MaxValue);
        return settings.Size(original, longest, int.MaxValue) == longest
            ? new RopeBands(low, high, longest)
            : throw settings.Bad($"{original} to be {longest} as in the rope settings", settings.Value(original)!.Value);
    }
}
