using System.Text.Json;

namespace Dit.Models.Checkpoints;

/// <summary>
/// The settings of a plain LoRA. Whatever else a file asks for is refused: read without it, the adapter would be another one.
/// </summary>
internal sealed record PeftConfig(
    string BaseModelNameOrPath, int Rank, double Alpha, bool RankStabilised, PeftPatterns RankPatterns, PeftPatterns AlphaPatterns, PeftTargets Targets)
{
    /// <summary>Settings that are read, and those that only matter while training or for where factors are put.</summary>
    private static readonly HashSet<string> Known =
    [
        "alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying", "eva_config",
        "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights", "layers_pattern", "layers_to_transform",
        "loftq_config", "lora_alpha", "lora_dropout", "lora_ga_config", "megatron_config", "megatron_core", "peft_type",
        "peft_version", "r", "rank_pattern", "revision", "runtime_config", "target_modules", "task_type", "use_rslora",
    ];

    /// <summary>Settings that make an adapter more than a low-rank addition, with the reason a message gives.</summary>
    private static readonly Dictionary<string, string> Reasons = new()
    {
        ["use_dora"] = "DoRA also rescales the weights",
        ["lora_bias"] = "a trained bias is no low-rank addition",
        ["modules_to_save"] = "whole modules are no low-rank addition",
        ["trainable_token_indices"] = "trained embedding rows are no low-rank addition",
        ["target_parameters"] = "only linear layers can be added to",
        ["layer_replication"] = "the layers of the base model would have to be repeated",
        ["alora_invocation_tokens"] = "the adapter would have to start in the middle of a text",
    };

    /// <summary>Initial values that leave the base model's own weights alone.</summary>
    private static readonly HashSet<string> HarmlessInitialisations = ["gaussian", "eva", "orthogonal"];

    /// <summary>Reads and judges adapter_config.json.</summary>
    /// <exception cref="DitException">It is incomplete, or not the configuration of a plain LoRA.</exception>
    public static PeftConfig Read(string path, JsonElement root)
    {
        RequirePlainLora(path, root);
        var rank = root.TryGetProperty("r", out var r) ? r : default;
        var alpha = root.TryGetProperty("lora_alpha", out var a) ? a : default;
        return new PeftConfig(
            root.TryGetProperty("base_model_name_or_path", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()! : "",
            AsRank(path, "r", rank),
            AsAlpha(path, "lora_alpha", alpha),
            RankStabilisation(path, root),
            Patterns(path, root, "rank_pattern", (key, value) => AsRank(path, key, value)),
            Patterns(path, root, "alpha_pattern", (key, value) => AsAlpha(path, key, value)),
            PeftTargets.Read(path, root));
    }

    /// <summary>The rank of a site's factors and what their product is multiplied with.</summary>
    /// <exception cref="DitException">A pattern takes too long to match.</exception>
    public (int Rank, double Scaling) RankAndScaling(string site)
    {
        var rank = (int)(RankPatterns.Find(site) ?? Rank);
        return (rank, PeftScaling.Scaling(AlphaPatterns.Find(site) ?? Alpha, rank, RankStabilised));
    }

    private static void RequirePlainLora(string path, JsonElement root)
    {
        if (!root.TryGetProperty("peft_type", out var type) || type.ValueKind != JsonValueKind.String || type.GetString() != "LORA")
        {
            throw Refused(path, "peft_type", type, "other kinds of adapters are not supported");
        }

        foreach (var setting in root.EnumerateObject())
        {
            var refused = setting.Name switch
            {
                "bias" => setting.Value.ValueKind != JsonValueKind.String || setting.Value.GetString() != "none"
                    ? "a trained bias is no low-rank addition" : null,
                "init_lora_weights" => ChangesBase(setting.Value) ? "this initialisation changes the base model's weights too" : null,
                _ => !Known.Contains(setting.Name) && IsOn(setting.Value)
                    ? Reasons.GetValueOrDefault(setting.Name, "a setting that may change what the factors mean") : null,
            };
            if (refused is not null)
            {
                throw Refused(path, setting.Name, setting.Value, refused);
            }
        }
    }

    private static bool ChangesBase(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False or JsonValueKind.Null => false,
        JsonValueKind.String => !HarmlessInitialisations.Contains(value.GetString()!),
        _ => true,
    };

    /// <summary>Numbers and strings do nothing unless a switch or an object of settings brings them into play.</summary>
    private static bool IsOn(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => false,
    };

    private static PeftPatterns Patterns(string path, JsonElement root, string setting, Func<string, JsonElement, double> read)
    {
        if (!root.TryGetProperty(setting, out var patterns) || patterns.ValueKind == JsonValueKind.Null)
        {
            return new PeftPatterns(path, setting, []);
        }

        return patterns.ValueKind == JsonValueKind.Object
            ? new PeftPatterns(path, setting, patterns.EnumerateObject().Select(p => (p.Name, read($"{setting} of '{p.Name}'", p.Value))))
            : throw new DitException($"{path}: expected '{setting}' to be an object, found {patterns.ValueKind}.");
    }

    private static bool RankStabilisation(string path, JsonElement root)
    {
        var value = root.TryGetProperty("use_rslora", out var found) ? found : default;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
            _ => throw new DitException($"{path}: expected use_rslora to be true or false, found {Shown(value)}."),
        };
    }

    private static int AsRank(string path, string what, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var rank) && rank > 0
            ? rank
            : throw new DitException($"{path}: expected {what} to be a whole number above 0, found {Shown(value)}.");

    private static double AsAlpha(string path, string what, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var alpha) && double.IsFinite(alpha)
            ? alpha
            : throw new DitException($"{path}: expected {what} to be a number, found {Shown(value)}.");

    private static DitException Refused(string path, string setting, JsonElement value, string reason) =>
        new($"{path}: expected a plain LoRA, found '{setting}' = {Shown(value)} ({reason}).");

    private static string Shown(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.Undefined ? "nothing" : value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= 80 ? text : text[..77] + "...";
    }
}
