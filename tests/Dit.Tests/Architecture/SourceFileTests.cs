namespace Dit.Tests.Architecture;

public sealed class SourceFileTests
{
    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    public void No_source_file_has_400_lines(string folder)
    {
        foreach (var path in Repository.SourceFiles(folder))
        {
            var lines = File.ReadLines(path).Count();
            Assert.True(lines < 400, $"{Path.GetRelativePath(Repository.Root, path)} has {lines} lines.");
        }
    }

    /// <summary>Of the two marks of a test that is slow or needs a cluster, one tells people and filters, the other keeps it out of an ordinary run.</summary>
    [Fact]
    public void Slow_tests_and_those_on_a_cluster_run_only_when_asked_for()
    {
        foreach (var path in Repository.SourceFiles("tests").Where(path => Path.GetFileName(path) != $"{nameof(SourceFileTests)}.cs"))
        {
            var lines = File.ReadAllLines(path);
            for (var i = 0; i < lines.Length; i++)
            {
                if (lines[i].Contains("Trait(\"Category\", ", StringComparison.Ordinal))
                {
                    var attributes = string.Join('\n', lines[Math.Max(0, i - 4)..Math.Min(lines.Length, i + 4)]);
                    Assert.True(attributes.Contains("Explicit = true", StringComparison.Ordinal), $"{path}:{i + 1}: such a test must also be Explicit.");
                }
            }
        }
    }
}
