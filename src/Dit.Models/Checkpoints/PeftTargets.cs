using System.Text.Json;

namespace Dit.Models.Checkpoints;

/// <summary>
/// The modules that adapter_config.json puts factors on. PEFT ignores factors anywhere else, so with them the adapter would be another one here.
/// </summary>
internal sealed class PeftTargets
{
    private const string Targets = "target_modules";
    private const string Excluded = "exclude_modules";
    private const string Layers = "layers_to_transform";
    private const int Shown = 3;

    private readonly PeftModuleSet? targets;
    private readonly PeftModuleSet? excluded;
    private readonly PeftLayers? layers;
    private readonly bool allLinear;

    private PeftTargets(string path, JsonElement root)
    {
        targets = PeftModuleSet.Read(path, root, Targets);
        excluded = PeftModuleSet.Read(path, root, Excluded);
        layers = PeftLayers.Read(path, root);
        allLinear = string.Equals(targets?.Expression, "all-linear", StringComparison.OrdinalIgnoreCase);
        if (layers is not null && targets?.Expression is not null)
        {
            throw new DitException($"{path}: expected {Layers} only beside a list of {Targets}, found it beside a pattern, which PEFT refuses too.");
        }
    }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="DitException">One of them is no list of names and no regular expression.</exception>
    public static PeftTargets Read(string path, JsonElement root) => new(path, root);

    /// <summary>Says that all factors are where the settings put some, or throws.</summary>
    /// <param name="path">The file of the factors, for the message.</param>
    /// <param name="modules">Names of modules as the adapter has them.</param>
    /// <exception cref="DitException">Some are elsewhere, or a pattern takes too long.</exception>
    public void Require(string path, IEnumerable<string> modules)
    {
        var outside = modules.Select(module => (Module: module, Setting: Against(module))).Where(found => found.Setting is not null).ToArray();
        if (outside.Length > 0)
        {
            var settings = string.Join(" and ", outside.Select(found => found.Setting).Distinct().Order(StringComparer.Ordinal));
            var few = string.Join(", ", outside.Take(Shown).Select(found => found.Module)) + (outside.Length > Shown ? $" and {outside.Length - Shown} more" : "");
            throw new DitException($"{path}: expected factors only where {settings} in {PeftAdapterFolder.ConfigName} put them, found {outside.Length} elsewhere, which PEFT ignores: {few}");
        }
    }

    /// <summary>The setting that keeps factors away from a module; null where they belong there.</summary>
    private string? Against(string module)
    {
        if (excluded?.Contains(module) == true)
        {
            return Excluded;
        }

        // Without target_modules PEFT has a list for each kind of model, which is not known here.
        if (!allLinear && targets?.Contains(module) == false)
        {
            return Targets;
        }

        return layers is null || targets?.Lists(module) == true || layers.Contain(module) ? null : Layers;
    }
}
