using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>Writes the adapter_config.json under which PEFT gives every site its rank and scaling back.</summary>
internal static partial class PeftConfigWriter
{
    private sealed record SiteSettings(string Name, int Rank, double Alpha);

    /// <summary>The file's text.</summary>
    /// <param name="adapter">The adapter, under the names of the base's modules.</param>
    /// <param name="inFull">The base has other modules of the same short names, such as those of a vision tower.</param>
    /// <exception cref="ArgumentException">There is no site, shapes do not agree, or a scaling is not finite.</exception>
    public static string Config(PeftAdapter adapter, bool inFull)
    {
        if (adapter.Sites.Count == 0)
        {
            throw new ArgumentException("An adapter without sites cannot be written.", nameof(adapter));
        }

        var ranks = adapter.Sites.ToDictionary(s => s.Key, s => RequireRank(s.Key, s.Value));
        var stabilised = IsBetterStabilised(adapter, ranks);
        var sites = adapter.Sites
            .Select(s => new SiteSettings(s.Key, ranks[s.Key], PeftScaling.Alpha(s.Value.Scaling, ranks[s.Key], stabilised).Value))
            .OrderBy(s => s.Name, StringComparer.Ordinal)
            .ToList();
        var rank = MostFrequent(sites.Select(s => s.Rank));
        var alpha = MostFrequent(sites.Select(s => s.Alpha));

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            WritePattern(json, "alpha_pattern", sites, s => s.Alpha, alpha);
            json.WriteNull("auto_mapping");
            json.WriteString("base_model_name_or_path", adapter.BaseModelNameOrPath is "" ? null : adapter.BaseModelNameOrPath);
            json.WriteString("bias", "none");
            json.WriteBoolean("fan_in_fan_out", false);
            json.WriteBoolean("inference_mode", true);
            json.WriteBoolean("init_lora_weights", true);
            json.WriteNull("layers_pattern");
            json.WriteNull("layers_to_transform");
            json.WriteNumber("lora_alpha", alpha);
            json.WriteNumber("lora_dropout", 0);
            json.WriteNull("modules_to_save");
            json.WriteString("peft_type", "LORA");
            json.WriteNumber("r", rank);
            WritePattern(json, "rank_pattern", sites, s => s.Rank, rank);
            json.WriteNull("revision");
            json.WriteStartArray("target_modules");
            foreach (var target in inFull ? sites.Select(site => site.Name) : Targets(sites))
            {
                json.WriteStringValue(target);
            }

            json.WriteEndArray();
            json.WriteString("task_type", "CAUSAL_LM");
            json.WriteBoolean("use_dora", false);
            json.WriteBoolean("use_rslora", stabilised);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }

    private static int RequireRank(string site, LowRankFactors factors)
    {
        if (factors.A.shape is not [> 0 and var rank, > 0] || factors.B.shape is not [> 0, var other] || rank != other)
        {
            throw new ArgumentException(
                $"The factors of {site} must be [r, in] and [out, r], not [{string.Join(", ", factors.A.shape)}] and [{string.Join(", ", factors.B.shape)}].",
                nameof(factors));
        }

        foreach (var type in (ScalarType[])[factors.A.dtype, factors.B.dtype])
        {
            if (!PeftFactors.IsFloating(type))
            {
                throw new ArgumentException($"The factors of {site} must hold floating-point numbers, not {type}.", nameof(factors));
            }
        }

        return double.IsFinite(factors.Scaling)
            ? (int)rank
            : throw new ArgumentException($"The scaling of {site} must be a number, not {factors.Scaling}.", nameof(factors));
    }

    /// <summary>Not every scaling is some number divided by the rank; those that came from a division by √r are by that.</summary>
    private static bool IsBetterStabilised(PeftAdapter adapter, Dictionary<string, int> ranks)
    {
        (int Inexact, int Fractional) Losses(bool stabilised)
        {
            var alphas = adapter.Sites.Select(s => PeftScaling.Alpha(s.Value.Scaling, ranks[s.Key], stabilised)).ToList();
            return (alphas.Count(a => !a.IsExact), alphas.Count(a => !double.IsInteger(a.Value)));
        }

        return Losses(stabilised: true).CompareTo(Losses(stabilised: false)) < 0;
    }

    private static T MostFrequent<T>(IEnumerable<T> values) where T : notnull =>
        values.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;

    /// <summary>
    /// PEFT takes the first pattern that a site's name ends with. So longer names come first, and a site with the default value
    /// is listed too where the name of one without is its end.
    /// </summary>
    private static void WritePattern(
        Utf8JsonWriter json, string setting, List<SiteSettings> sites, Func<SiteSettings, double> value, double common)
    {
        var special = sites.Where(s => !value(s).Equals(common)).ToList();
        var listed = sites.Where(s => !value(s).Equals(common) || special.Exists(t => s.Name.EndsWith("." + t.Name, StringComparison.Ordinal)));
        json.WriteStartObject(setting);
        foreach (var site in listed.OrderByDescending(s => s.Name.Length).ThenBy(s => s.Name, StringComparer.Ordinal))
        {
            // A dot matches a dot, and people read and edit these files.
            json.WriteNumber(Regex.Escape(site.Name).Replace(@"\.", ".", StringComparison.Ordinal), value(site));
        }

        json.WriteEndObject();
    }

    /// <summary>The short names that people know (q_proj, ...) where every layer has the same sites, else the names of all sites.</summary>
    private static IEnumerable<string> Targets(List<SiteSettings> sites)
    {
        var places = sites.Select(s => LayerSite().Match(s.Name)).ToList();
        var layers = places
            .GroupBy(p => p.Groups["layer"].Value)
            .Select(g => string.Join(' ', g.Select(p => p.Groups["before"].Value + " " + p.Groups["inside"].Value).Order(StringComparer.Ordinal)))
            .Distinct();
        return places.TrueForAll(p => p.Success) && layers.Count() == 1
            ? places.Select(p => p.Groups["inside"].Value.Split('.')[^1]).Distinct().Order(StringComparer.Ordinal)
            : sites.Select(s => s.Name);
    }

    [GeneratedRegex(@"^(?<before>.*\.)?layers\.(?<layer>[0-9]+)\.(?<inside>.+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LayerSite();
}
