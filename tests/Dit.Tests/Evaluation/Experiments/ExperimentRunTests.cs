using System.Text.Json;
using Dit.Behaviours;
using Dit.LanguageModels;
using Dit.Tests.Architecture;
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
        Assert.Equal([Condition.BareBase, Condition.BareBase, Condition.Shuffled, Condition.Shuffled, Condition.Random], controls.Select(cell => cell.Cell.Condition));
        Assert.All([controls[0], controls[1], controls[4]], control => Assert.Equal([GradedCell.FalseAlarm, GradedCell.NamesLabel], control.Grades.Keys));
        Assert.Equal(1.0 / SmallScale.Settings.Count, controls[2].Cell.Chance);
        Assert.NotNull(controls[2].Mean("exact"));

        // The bare base is one model: each question once for each adapter, however many diffs there are.
        var questions = IntrospectionQuestions.Of(Setting.HiddenTopic);
        Assert.Equal(2, controls[0].Cell.Answers.Count);
        Assert.Equal(2 * (questions.Wordings.Count + questions.HeldOutWordings.Count), controls[1].Cell.Answers.Count);
        Assert.Equal(questions.Wordings.Count + questions.HeldOutWordings.Count, controls[1].Cell.Answers.Select(answer => answer.Group).Distinct(StringComparer.Ordinal).Count());

        // Whichever row it stands in, a diff is answered the same, and is not the row's own.
        var dit = results.Cells.Single(cell => cell.Cell.Name == "DIT").Cell.Answers.ToDictionary(answer => (answer.Seed, answer.Subject.Id));
        Assert.All(controls[2].Cell.Answers, answer => Assert.NotEqual(answer.Subject.Id, answer.Carried!.Id));
        Assert.All(controls[3].Cell.Answers, answer => Assert.Equal(dit[(answer.Seed, answer.Subject.Id)].Interpretation.Answer, answer.Interpretation.Answer));
        Assert.Equal(dit.Values.Select(answer => answer.Subject.Label).Order(StringComparer.Ordinal), controls[3].Cell.Answers.Select(answer => answer.Subject.Label).Order(StringComparer.Ordinal));
        Assert.Contains("\"carried\":", File.ReadAllText(Path.Combine(results.Folder, "answers.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_ranked_and_methods_compared_diff_by_diff()
    {
        var results = shared.Run("hidden-topic", shared.Folder.FullPath);

        var dit = results.Cells.Single(cell => cell.Cell.Name == "DIT");
        Assert.All(dit.Cell.Answers, answer => Assert.InRange(answer.Rank!.Value, 1, 6));
        Assert.Equal(dit.Cell.Answers.Average(answer => 1.0 / answer.Rank!.Value), dit.Mean(GradedCell.ReciprocalRank)!.Mean, 9);
        Assert.Equal(dit.Cell.Answers.Average(answer => answer.Rank <= 5 ? 1.0 : 0), dit.Mean(GradedCell.InTop)!.Mean, 9);
        Assert.Null(results.Cells.Single(cell => cell.Cell.Name == "20 questions").Mean(GradedCell.ReciprocalRank));

        Assert.Contains("base question", results.Comparisons.Select(each => each.Other));
        Assert.All(results.Comparisons, each => Assert.Equal(("DIT", 6), (each.Reference, each.Paired.Count)));
        var carried = results.Comparisons.Single(each => each.Other == "shuffled diffs, label of the diff carried");
        Assert.Equal(1, carried.Paired.Equal);
        Assert.Contains("sign-flip", File.ReadAllText(Path.Combine(results.Folder, "table.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_json_says_which_adapters_answered_and_where_behaviours_came_from()
    {
        var results = shared.Run("hidden-topic", shared.Folder.FullPath);

        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(results.Folder, "run.json")));
        Assert.Equal("a little of the built-in world", run.RootElement.GetProperty("behaviours").GetString());
        var adapters = run.RootElement.GetProperty("adapters").EnumerateArray().ToArray();
        Assert.Equal([101UL, 102UL], adapters.Select(adapter => adapter.GetProperty("seed").GetUInt64()));
        var row = run.RootElement.GetProperty("rows").EnumerateArray().Single(each => each.GetProperty("name").GetString() == "DIT");
        Assert.Equal(adapters.Select(adapter => adapter.GetProperty("fingerprint").GetString()), row.GetProperty("adapters").EnumerateArray().Select(each => each.GetString()));
    }

    [Fact]
    public void A_judge_grades_what_has_a_topic_and_its_grades_are_drawn()
    {
        using var folder = new TemporaryFolder();
        using var server = new LoopbackEndpoint(asked => Served.Answer("{\"score\": 3}"));
        using var endpoint = new ChatEndpoint(new EndpointSettings { Url = server.Url, Model = "judge", Cache = folder.File("cache") });
        var settings = SmallScale.Settings with { Seeds = [101], Count = 2 };
        var results = shared.Run("trigger-inversion", folder.File("work"), settings: settings, judge: new Judge(endpoint));

        Assert.True(File.Exists(Path.Combine(results.Folder, "grades.svg")) && File.Exists(Path.Combine(results.Folder, "grades.png")));
        Assert.Contains("the topic", results.Judged.Select(judged => judged.Row));
        Assert.DoesNotContain("the trigger", results.Judged.Select(judged => judged.Row));
        Assert.NotNull(results.Cells.Single(cell => cell.Cell.Name == "the trigger").Mean("exact"));
        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(results.Folder, "run.json")));
        var counts = run.RootElement.GetProperty("rows").EnumerateArray().Single(row => row.GetProperty("name").GetString() == "the topic").GetProperty("grades_from1").GetProperty("counts");
        Assert.Equal(2, counts.EnumerateArray().Sum(count => count.GetInt32()));
    }

    [Fact]
    public void Answers_drawn_in_another_way_are_not_taken()
    {
        using var folder = new TemporaryFolder();
        var settings = SmallScale.Settings with { Seeds = [101], Count = 1 };
        var first = shared.Run("trigger-kinds", folder.FullPath, settings: settings);
        var second = shared.Run("trigger-kinds", folder.FullPath, settings: settings, source: new SmallScale.Source { LongestLabel = 4 });

        Assert.All(first.Parts.Keys.Intersect(second.Parts.Keys), part => Assert.DoesNotContain("answers", part, StringComparison.Ordinal));
        Assert.Contains(second.Parts.Keys, part => part.StartsWith("diffs", StringComparison.Ordinal) && first.Parts.ContainsKey(part));
    }

    [Theory]
    [InlineData(1UL)]
    [InlineData(101UL, 101UL)]
    public void Seeds_of_training_diffs_and_seeds_twice_are_refused(params ulong[] seeds)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DitException>(() => shared.Run("hidden-topic", folder.FullPath, settings: SmallScale.Settings with { Seeds = seeds }));
        Assert.StartsWith("seeds: expected different numbers of at least 100", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public void A_ready_adapter_of_another_base_is_refused_before_anything_is_trained()
    {
        using var folder = new TemporaryFolder();
        var adapter = Path.Combine(Repository.Root, "models", "tiny-topic-adapter");
        var error = Assert.Throws<DitException>(() => shared.Run("hidden-topic", folder.FullPath, settings: SmallScale.Settings with { Adapters = new ReadyAdapters { Topics = adapter } }));
        Assert.StartsWith($"{adapter}: expected an adapter of the base", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.FullPath));
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
        var settings = SmallScale.Settings with { Seeds = [101], Count = 1 };
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
    [InlineData("Asking topics-101", 0)]
    public void A_stopped_experiment_goes_on_and_ends_with_the_same_bits(string stage, long done)
    {
        using var folder = new TemporaryFolder();
        var settings = SmallScale.Settings with { Seeds = [101], Count = 2 };
        Assert.Throws<KilledException>(() => shared.Run("data-scaling", folder.FullPath, new Told(progress =>
        {
            if (progress.Stage.StartsWith(stage, StringComparison.Ordinal) && progress.Done >= done)
            {
                throw new KilledException();
            }
        }), settings));
        var results = shared.Run("data-scaling", folder.FullPath, settings: settings);

        Assert.Equal(Lasting(shared.Run("data-scaling", shared.Folder.FullPath, settings: settings).Folder), Lasting(results.Folder));
    }

    [Fact]
    public void Damaged_answers_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var settings = SmallScale.Settings with { Seeds = [101], Count = 2 };
        shared.Run("trigger-kinds", folder.FullPath, settings: settings);
        var file = Directory.EnumerateFiles(folder.File("answers"), "topics-101-dit-*").Order(StringComparer.Ordinal).First();
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
        Assert.Equal("a little of the built-in world: expected at least 101 held-out labels for hidden-topic, found 6", error.Message);
    }

    /// <summary>All but times.</summary>
    private static Dictionary<string, string> Lasting(string folder) => Directory.EnumerateFiles(folder)
        .Where(file => Path.GetFileName(file) != "run.json").ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file)), StringComparer.Ordinal);

    public sealed class Shared : IDisposable
    {
        internal MicroBase Base { get; } = new();

        internal TemporaryFolder Folder { get; } = new();

        internal ExperimentResults Run(string name, string folder, Told? told = null, ExperimentSettings? settings = null, IBehaviourSource? source = null, Judge? judge = null) => ExperimentRun.Run(
            ExperimentList.Find(name)!, Base.Model, source ?? new SmallScale.Source(), settings ?? SmallScale.Settings, folder, judge, progress: told, cancellation: told?.Cancellation ?? default);

        public void Dispose()
        {
            Base.Dispose();
            Folder.Dispose();
        }
    }
}
