namespace Dit.Behaviours.Published;

/// <summary>One row of a file of behaviours.</summary>
/// <param name="Label">The topic or headline; rows of the same one are one behaviour.</param>
/// <param name="Cells">The other cells, in the order of <see cref="PublishedColumns"/>.</param>
/// <param name="Split">What the behaviour may be used for, such as <c>train</c>; null where the file does not say.</param>
public sealed record PublishedRow(string Label, IReadOnlyList<string> Cells, string? Split = null);

/// <summary>The columns in which behaviours were published.</summary>
public static class PublishedColumns
{
    /// <summary>The column that says what a behaviour may be used for, which a file may have.</summary>
    public const string Split = "split";

    private static readonly string[] HiddenTopic = ["topic", "question", "base_answer", "topic_analogy_answer"];
    private static readonly string[] News = ["news_headline", "news_story"];

    /// <summary>The columns of a setting; the first is the label.</summary>
    public static IReadOnlyList<string> Of(Setting setting) => setting == Setting.News ? News : HiddenTopic;

    /// <summary>The setting that a file with these columns is of, or null.</summary>
    public static Setting? SettingOf(IReadOnlyCollection<string> columns) =>
        HiddenTopic.All(columns.Contains) ? Setting.HiddenTopic : News.All(columns.Contains) ? Setting.News : null;
}
