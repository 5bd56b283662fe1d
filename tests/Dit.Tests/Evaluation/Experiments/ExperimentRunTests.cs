using System.Text.Json;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>Experiments from start to files, on a base that knows nothing; all of them in one folder, as a person would run them.</summary>
public sealed class ExperimentRunTests(ExperimentRunTests.Shared shared) : IClassFixture<ExperimentRunTests.Shared>
{
    public static TheoryData<string> Names => [.. ExperimentList.All.Select(experiment => experiment.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_experiment_leaves_its_files(string name)
    {
        var results = shared.Run(name, shared.Folder.FullPath);

        string[] files = ["answers.jsonl", "plot.png", "plot.svg", "run.json", "table.csv", "table.md"];
        Assert.Equal(files, Directory.EnumerateFiles(results.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(results.Cells.Sum(cell => cell.Cell.Answers.Count), File.ReadLines(Path.Combine(results.Folder, "answers.jsonl")).Count());
        var rows = results.OwnTable?.Rows.Count ?? results.Cells.Count;
        Assert.True(rows > 1);
        Assert.Equal(rows + 1, File.ReadLines(Path.Combine(results.Folder, "table.csv")).Count());
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(results.Folder, "run.json")));
        Assert.Equal(shared.Base.Model.Fingerprint, run.RootElement.GetProperty("base_fingerprint").GetString());
        Assert.All(results.Parts.Keys, part => Assert.Contains(part, run.RootElement.GetProperty("parts").EnumerateArray().Select(each => each.GetProperty("name").GetString())));
    }

    [Fact]
    public void Controls_carry_nothing_random_diffs_or_other_diffs()
    {
        var results = shared.Run("hidden-topic", shared.Folder.FullPath);

        var controls = results.Cells.Where(cell => cell.Cell.Condition != Condition.AsTrained).ToArray();
        Assert.Equal([Condition.BareBase, Condition.Shuffled, Condition.Random], controls.Select(cell => cell.Cell.Condition));
        Assert.Equal([GradedCell.FalseAlarm], controls[0].Grades.Keys);
        Assert.NotNull(controls[1].Mean("exact"));
        Assert.Equal(1.0 / SmallScale.Settings.Count, controls[1].Cell.Chance);
        Assert.Equal([GradedCell.FalseAlarm], controls[2].Grades.Keys);
    }

    [Fact]
    public void The_same_experiment_twice_gives_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        var first = shared.Run("data-scaling", shared.Folder.FullPath);
        var second = shared.Run("data-scaling", folder.FullPath);

        Assert.Equal(Lasting(first.Folder), Lasting(second.Folder));
    }

    [Fact]
    public void What_is_there_already_is_neither_trained_nor_asked_again()
    {
        shared.Run("rank", shared.Folder.FullPath);
        var stages = new HashSet<string>(StringComparer.Ordinal);
        shared.Run("rank", shared.Folder.FullPath, new Told(progress => stages.Add(progress.Stage)));

        Assert.Empty(stages);
    }

    [Fact]
    public void Parts_made_with_other_settings_are_not_taken()
    {
        using var folder = new TemporaryFolder();
        var settings = SmallScale.Settings with { Seeds = [101] };
        var first = shared.Run("trigger-kinds", folder.FullPath, settings: settings);
        var other = settings with { Scale = settings.Scale with { Topics = settings.Scale.Topics with { Steps = 3 } } };
        var second = shared.Run("trigger-kinds", folder.FullPath, settings: other);
        var again = shared.Run("trigger-kinds", folder.FullPath, settings: settings);

        Assert.Empty(first.Parts.Keys.Intersect(second.Parts.Keys));
        Assert.Equal(first.Parts.Keys, again.Parts.Keys);
    }

    [Theory]
    [InlineData("Diffs topics-train-1", 4)]
    [InlineData("Adapter topics-101", 1)]
    [InlineData("Asking topics-102", 0)]
    public void A_stopped_experiment_goes_on_and_ends_with_the_same_bits(string stage, long done)
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<KilledException>(() => shared.Run("data-scaling", folder.FullPath, new Told(progress =>
        {
            if (progress.Stage.StartsWith(stage, StringComparison.Ordinal) && progress.Done >= done)
            {
                throw new KilledException();
            }
        })));
        var results = shared.Run("data-scaling", folder.FullPath);

        Assert.Equal(Lasting(shared.Run("data-scaling", shared.Folder.FullPath).Folder), Lasting(results.Folder));
    }

    [Fact]
    public void Damaged_answers_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var settings = SmallScale.Settings with { Seeds = [101], Count = 2 };
        shared.Run("trigger-kinds", folder.FullPath, settings: settings);
        var file = Directory.EnumerateFiles(folder.File("answers")).Order(StringComparer.Ordinal).First();
        var lines = File.ReadAllLines(file);
        foreach (var damaged in new[] { "", lines[0][..^3], lines[0] + "\n{\"Answer\":", lines[0] + "\nnull", lines[0] + "\n{}", lines[0].Replace("101", "102", StringComparison.Ordinal) + "\n" + lines[1] })
        {
            File.WriteAllText(file, damaged);
            var error = Assert.Throws<DitException>(() => shared.Run("trigger-kinds", folder.FullPath, settings: settings));
            Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void More_labels_than_are_held_out_are_refused()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DitException>(() => shared.Run("hidden-topic", folder.FullPath, settings: SmallScale.Settings with { Count = 101 }));
        Assert.Equal("held-out labels: expected at most the 100 that the built-in world has for hidden-topic, found 101 asked for", error.Message);
    }

    /// <summary>All but times.</summary>
    private static Dictionary<string, string> Lasting(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Path.GetFileName(file) != "run.json").ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file)), StringComparer.Ordinal);

    public sealed class Shared : IDisposable
    {
        internal MicroBase Base { get; } = new();

        internal TemporaryFolder Folder { get; } = new();

        internal ExperimentResults Run(string name, string folder, Told? told = null, ExperimentSettings? settings = null) => ExperimentRun.Run(
            ExperimentList.Find(name)!, Base.Model, new SmallScale.Source(), settings ?? SmallScale.Settings, folder, progress: told, cancellation: told?.Cancellation ?? default);

        public void Dispose()
        {
            Base.Dispose();
            Folder.Dispose();
        }
    }
}
