using System.Text.Json;

namespace Dit.Models.Decoding;

/// <summary>Reads from config.json which layers have a sliding window, and how wide it is.</summary>
internal static class SlidingLayersReader
{
    private const string Full = "full_attention";
    private const string Sliding = "sliding_attention";
    private const int UsualPattern = 6;

    /// <returns>Null and no layer where every layer sees everything.</returns>
    internal static (int? Window, LayerSet Layers) Read(ConfigSettings settings, ModelFamily family, int layers)
    {
        var window = Window(settings, family);
        var sliding = family.Sliding switch
        {
            SlidingRule.All when window is not null => Those(layers, _ => true),
            SlidingRule.LastLayers when window is not null => LastLayers(settings, layers),
            SlidingRule.Pattern => Pattern(settings, layers),
            _ => LayerSet.None,
        };
        if (Stated(settings, layers) is { } stated && !stated.Equals(sliding))
        {
            if (family.Sliding is SlidingRule.Never or SlidingRule.All)
            {
                throw settings.Bad("layer_types that agree with sliding_window", settings.Value("layer_types")!.Value);
            }

            sliding = stated;
        }

        return sliding.Count == 0
            ? (null, sliding)
            : (window ?? throw settings.Bad($"sliding_window to be a number, as there are layers of {Sliding}", "none"), sliding);
    }

    private static int? Window(ConfigSettings settings, ModelFamily family)
    {
        var stated = settings.IsNull("sliding_window") ? (int?)null : settings.Size("sliding_window", family.SlidingWindow, int.MaxValue);
        if (family.Sliding == SlidingRule.Never)
        {
            settings.Refuse("sliding_window");
            settings.Refuse("use_sliding_window");
            return null;
        }

        return family.Sliding != SlidingRule.LastLayers || settings.Flag("use_sliding_window", false) ? stated : null;
    }

    private static LayerSet LastLayers(ConfigSettings settings, int layers)
    {
        // Unlike a size it may be 0.
        var first = 28;
        if (settings.Value("max_window_layers") is { } found && !(found.ValueKind == JsonValueKind.Number && found.TryGetInt32(out first) && first >= 0))
        {
            throw settings.Bad("max_window_layers to be a whole number", found);
        }

        return Those(layers, layer => layer >= first);
    }

    private static LayerSet Pattern(ConfigSettings settings, int layers)
    {
        // transformers writes the one with the underscore beside layer_types and does not read it, so alone it cannot be trusted.
        if (settings.Value("layer_types") is null && settings.Value("sliding_window_pattern") is null
            && settings.Size("_sliding_window_pattern", UsualPattern) is var alone and not UsualPattern)
        {
            throw settings.Bad("layer_types beside _sliding_window_pattern", $"none, and a pattern of {alone}");
        }

        var pattern = settings.Size("sliding_window_pattern", UsualPattern);
        return Those(layers, layer => (layer + 1) % pattern != 0);
    }

    private static LayerSet? Stated(ConfigSettings settings, int layers)
    {
        if (settings.Value("layer_types") is not { } kinds)
        {
            return null;
        }

        if (kinds.ValueKind != JsonValueKind.Array || kinds.GetArrayLength() != layers
            || kinds.EnumerateArray().Any(kind => kind.ValueKind != JsonValueKind.String || !(kind.ValueEquals(Full) || kind.ValueEquals(Sliding))))
        {
            throw settings.Bad($"layer_types to be {Full} or {Sliding} for each of the {layers} layers", kinds);
        }

        return Those(layers, layer => kinds[layer].ValueEquals(Sliding));
    }

    private static LayerSet Those(int layers, Func<int, bool> slides) => new(Enumerable.Range(0, layers).Where(slides));
}
