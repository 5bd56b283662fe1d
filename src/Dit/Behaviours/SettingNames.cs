namespace Dit.Behaviours;

/// <summary>What settings are called in files and on the command line: <c>hidden-topic</c>, <c>news</c>.</summary>
public static class SettingNames
{
    private static readonly (Setting Setting, string Name)[] Names = [(Setting.HiddenTopic, "hidden-topic"), (Setting.News, "news")];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names.Select(pair => pair.Name)];

    /// <summary>The name of a setting.</summary>
    public static string Of(Setting setting) => Names.First(pair => pair.Setting == setting).Name;

    /// <summary>The setting of a name.</summary>
    /// <exception cref="DitException">There is none of that name.</exception>
    public static Setting Parse(string name) => TryParse(name, out var setting)
        ? setting
        : throw new DitException($"setting: expected {string.Join(" or ", All)}, found '{name}'");

    /// <summary>The setting of a name, where there is one.</summary>
    public static bool TryParse(string? name, out Setting setting)
    {
        var index = Array.FindIndex(Names, pair => string.Equals(pair.Name, name, StringComparison.Ordinal));
        setting = index < 0 ? default : Names[index].Setting;
        return index >= 0;
    }
}
