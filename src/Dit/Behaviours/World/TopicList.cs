namespace Dit.Behaviours.World;

/// <summary>The topics of the built-in world, read from <c>topics.tsv</c> (name, split, words).</summary>
public static class TopicList
{
    private static readonly Lazy<IReadOnlyList<Topic>> Topics = new(Read);

    /// <summary>All topics, in the order of the file.</summary>
    public static IReadOnlyList<Topic> All => Topics.Value;

    /// <summary>The topics of one split, in the order of the file.</summary>
    public static IReadOnlyList<Topic> Of(TopicSplit split) => [.. All.Where(topic => topic.Split == split)];

    /// <summary>The topic of that name, whatever its case, or null.</summary>
    public static Topic? Find(string name) => All.FirstOrDefault(topic => string.Equals(topic.Name, name, StringComparison.OrdinalIgnoreCase));

    private static List<Topic> Read()
    {
        var topics = new List<Topic>();
        foreach (var line in WorldFile.Lines("topics.tsv"))
        {
            var cells = line.Split('\t');
            topics.Add(new Topic(cells[0], cells[2].Split(' '), Enum.Parse<TopicSplit>(cells[1], ignoreCase: true)));
        }

        return topics;
    }
}
