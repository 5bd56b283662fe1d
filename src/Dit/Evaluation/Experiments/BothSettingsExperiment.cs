using Dit.Behaviours;

namespace Dit.Evaluation.Experiments;

/// <summary>One adapter learns both settings, told apart by the question, and is compared with one for each.</summary>
internal sealed class BothSettingsExperiment : IExperiment
{
    /// <inheritdoc />
    public string Name => "both-settings-one-adapter";

    /// <inheritdoc />
    public string Question => "Can one adapter learn both settings?";

    /// <inheritdoc />
    public IReadOnlyList<Setting> Settings => [Setting.HiddenTopic, Setting.News];

    /// <inheritdoc />
    public Findings Run(Laboratory lab)
    {
        var both = lab.AdaptersForBoth();
        return new Findings("setting and adapter", [.. Settings.SelectMany(setting => new[]
        {
            lab.Ask($"{SettingNames.Of(setting)}, adapter of its own", lab.HeldOut(setting), lab.Methods.Dit(lab.Adapters(setting))),
            lab.Ask($"{SettingNames.Of(setting)}, adapter for both", lab.HeldOut(setting), lab.Methods.Dit(both)),
        }.Concat(lab.Controls(lab.HeldOut(setting), both, $"{SettingNames.Of(setting)}, adapter for both")))],
            new PlottedBars("One adapter for both settings"))
        {
            References = [.. Settings.Select(setting => $"{SettingNames.Of(setting)}, adapter of its own")],
        };
    }
}
