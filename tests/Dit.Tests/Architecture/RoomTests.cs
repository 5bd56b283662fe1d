using System.Text.RegularExpressions;

namespace Dit.Tests.Architecture;

/// <summary>The rooms of the method: a later one knows the earlier ones, never the other way round.</summary>
public sealed partial class RoomTests
{
    private static readonly string[] Order = ["LanguageModels", "Behaviours", "Diffs", "Training", "Interpretation", "Evaluation", "Audit"];
    private static readonly string[] OrderOfEvaluation = ["Methods", "Graders", "Tables", "Plots", "Experiments"];

    [Fact]
    public void Every_file_belongs_to_a_room_and_says_so()
    {
        foreach (var path in Repository.SourceFiles("src/Dit"))
        {
            var folder = Path.GetRelativePath(Path.Combine(Repository.Root, "src"), Path.GetDirectoryName(path)!).Replace(Path.DirectorySeparatorChar, '.');
            Assert.Contains($"\nnamespace {folder};", "\n" + File.ReadAllText(path), StringComparison.Ordinal);
            Assert.Contains(RoomOf(path), Order);
        }
    }

    [Fact]
    public void No_room_knows_a_later_one()
    {
        foreach (var path in Repository.SourceFiles("src/Dit"))
        {
            var own = Array.IndexOf(Order, RoomOf(path));
            var code = string.Join('\n', File.ReadLines(path).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
            foreach (var room in RoomName().Matches(Quoted().Replace(code, "")).Select(match => match.Groups["room"].Value))
            {
                Assert.True(Array.IndexOf(Order, room) <= own, $"{Path.GetRelativePath(Repository.Root, path)} must not know {room}.");
            }
        }
    }

    [Fact]
    public void In_evaluation_no_folder_knows_a_later_one()
    {
        foreach (var path in Repository.SourceFiles("src/Dit").Where(path => RoomOf(path) == "Evaluation"))
        {
            var folder = Path.GetRelativePath(Path.Combine(Repository.Root, "src", "Dit", "Evaluation"), path).Split(Path.DirectorySeparatorChar)[0];
            // What lies in the room itself, such as intervals, is known to all, and knows the methods and graders that it measures with.
            var own = folder.EndsWith(".cs", StringComparison.Ordinal) ? Array.IndexOf(OrderOfEvaluation, "Graders") : Array.IndexOf(OrderOfEvaluation, folder);
            Assert.True(own >= 0, $"{path} is in a folder without a place in the order.");
            foreach (var known in FolderName().Matches(File.ReadAllText(path)).Select(match => match.Groups["folder"].Value))
            {
                Assert.True(Array.IndexOf(OrderOfEvaluation, known) <= own, $"{Path.GetRelativePath(Repository.Root, path)} must not know {known}.");
            }
        }
    }

    private static string RoomOf(string path) => Path.GetRelativePath(Path.Combine(Repository.Root, "src", "Dit"), path).Split(Path.DirectorySeparatorChar)[0];

    /// <summary>A room as a namespace: in a using, in a full name, or in a name that starts at the room.</summary>
    [GeneratedRegex(@"\bDit\.(?<room>LanguageModels|Behaviours|Diffs|Training|Interpretation|Evaluation|Audit)\b|(?<![.\w])(?<room>Diffs|Training|Interpretation|Evaluation|Audit)\.[A-Z]\w*\b(?!\()")]
    private static partial Regex RoomName();

    [GeneratedRegex(@"^using Dit\.Evaluation\.(?<folder>\w+)", RegexOptions.Multiline)]
    private static partial Regex FolderName();

    [GeneratedRegex("\"[^\"\\n]*\"")]
    private static partial Regex Quoted();
}
