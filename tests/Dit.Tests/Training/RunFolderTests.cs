using System.Text.Json;

namespace Dit.Training;

public sealed class RunFolderTests
{
    private const string Kind = "adapter-training";

    private static readonly object Settings = new { Recipe = new AdapterRecipe(), BaseFingerprint = "abc", Diffs = new[] { "a", "b" } };

    [Fact]
    public void A_new_run_says_in_run_json_what_it_is()
    {
        using var folder = new TemporaryFolder();

        RunFolder.OpenOrCreate(folder.File("run"), Kind, Settings);

        var run = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.File("run"), "run.json"))).RootElement;
        Assert.Equal(Kind, run.GetProperty("kind").GetString());
        Assert.Equal(new AdapterRecipe().LearningRate, run.GetProperty("settings").GetProperty("Recipe").GetProperty("LearningRate").GetDouble());
        Assert.Equal("abc", RunFolder.Settings(folder.File("run"), Kind).GetProperty("BaseFingerprint").GetString());
    }

    [Fact]
    public void The_same_run_is_opened_again_and_its_files_stay_as_they_are()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings).AppendMetrics(new { step = 1 });
        var before = Contents(folder);

        RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Recipe = new AdapterRecipe(), BaseFingerprint = "abc", Diffs = new[] { "a", "b" } });

        Assert.Equal(before, Contents(folder));
    }

    [Fact]
    public void A_run_with_other_settings_is_refused_with_their_names()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
        var before = Contents(folder);

        var other = new { Recipe = new AdapterRecipe { Epochs = 2 }, BaseFingerprint = "abc", Diffs = new[] { "b", "a" } };
        var error = Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(folder.FullPath, Kind, other));

        Assert.Equal($"{folder.File("run.json")}: expected a run with the same settings to go on with, found other values of Recipe, Diffs", error.Message);
        Assert.Equal(before, Contents(folder));
    }

    [Fact]
    public void A_setting_that_came_about_later_has_its_usual_value_in_an_older_run()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Seed = 1 });
        RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Seed = 1, BaseWeights = (string?)null });
        Assert.EndsWith("other values of BaseWeights", Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Seed = 1, BaseWeights = "int8" })).Message, StringComparison.Ordinal);

        using var later = new TemporaryFolder();
        RunFolder.OpenOrCreate(later.FullPath, Kind, new { Seed = 1, BaseWeights = "int8" });
        Assert.EndsWith("other values of BaseWeights", Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(later.FullPath, Kind, new { Seed = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_another_kind_is_refused()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, "diff-training", Settings);

        foreach (var open in new Action[] { () => RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings), () => RunFolder.Settings(folder.FullPath, Kind) })
        {
            var error = Assert.Throws<DitException>(open);
            Assert.Equal($"{folder.File("run.json")}: expected a run of kind {Kind}, version 1, found diff-training, version 1", error.Message);
        }
    }

    [Theory]
    [InlineData("2")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    [InlineData("1e999")]
    public void A_run_of_another_version_is_refused(string version)
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
        var file = folder.File("run.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"version\": 1,", $"\"version\": {version},", StringComparison.Ordinal));

        var error = Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings));

        Assert.Equal($"{file}: expected a run of kind {Kind}, version 1, found {Kind}, version {version}", error.Message);
    }

    [Fact]
    public void A_folder_with_other_files_is_refused_and_not_touched()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("thesis.tex"), "years of work");

        var error = Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings));

        Assert.Equal($"{folder.FullPath}: expected an empty folder or an earlier run, found files but no run.json", error.Message);
        Assert.Equal([folder.File("thesis.tex")], Directory.EnumerateFileSystemEntries(folder.FullPath));
    }

    [Fact]
    public void What_an_interrupted_start_left_behind_is_no_hindrance()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("run.json.77.partial"), "{");

        RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);

        Assert.True(File.Exists(folder.File("run.json")));
    }

    [Fact]
    public void Of_many_that_start_at_once_in_one_folder_all_go_on_with_the_same_settings()
    {
        using var folder = new TemporaryFolder();
        var refused = 0;

        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            try
            {
                RunFolder.OpenOrCreate(folder.File("run"), Kind, new { Seed = i % 2 });
                File.WriteAllText(Path.Combine(folder.File("run"), $"{i}.txt"), "");
            }
            catch (DitException e) when (e.Message.EndsWith("found other values of Seed", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref refused);
            }
        });

        Assert.Equal(8, refused);
    }

    [Fact]
    public void Settings_of_no_run_are_refused()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<DitException>(() => RunFolder.Settings(folder.FullPath, Kind));
        Assert.Equal($"{folder.FullPath}: expected a run of kind {Kind}, found no run.json", error.Message);
    }

    [Fact]
    public void A_damaged_run_json_is_refused_or_read_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
        var file = folder.File("run.json");
        var refused = 0;

        foreach (var damaged in Damage.Of(File.ReadAllBytes(file), rounds: 2000, seed: 3))
        {
            File.WriteAllBytes(file, damaged);
            try
            {
                RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
            }
            catch (DitException e)
            {
                Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 1000, 2000);
    }

    [Fact]
    public void Metrics_are_added_and_those_after_a_checkpoint_dropped()
    {
        using var folder = new TemporaryFolder();
        var run = RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
        run.KeepMetrics(3);
        for (var step = 1; step <= 5; step++)
        {
            run.AppendMetrics(new { step, loss = 1.0 / step });
        }

        run.KeepMetrics(2);
        run.AppendMetrics(new { step = 3, loss = 0.5 });

        Assert.Equal("{\"step\":1,\"loss\":1}\n{\"step\":2,\"loss\":0.5}\n{\"step\":3,\"loss\":0.5}\n", File.ReadAllText(folder.File("metrics.jsonl")));
    }

    [Fact]
    public void A_line_of_metrics_that_was_cut_off_is_dropped()
    {
        using var folder = new TemporaryFolder();
        var run = RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);
        run.AppendMetrics(new { step = 1 });
        File.AppendAllText(folder.File("metrics.jsonl"), "{\"st");

        run.KeepMetrics(1);
        run.AppendMetrics(new { step = 2 });

        Assert.Equal("{\"step\":1}\n{\"step\":2}\n", File.ReadAllText(folder.File("metrics.jsonl")));
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_no_reason_to_stop()
    {
        using var folder = new TemporaryFolder();
        var run = RunFolder.OpenOrCreate(folder.FullPath, Kind, Settings);

        run.AppendMetrics(new { step = 1, loss = double.NaN });

        Assert.Contains("\"step\":1", File.ReadAllText(folder.File("metrics.jsonl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_came_about_later_are_those_of_an_older_run_where_they_are_off()
    {
        using var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Recipe = new { Rank = 1 }, Seed = 2 });

        RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Recipe = new { Rank = 1, Ranks = Array.Empty<int>(), Recompute = false, RowsAtOnce = (int?)null }, Seed = 2, Kept = (string?)null });

        foreach (var other in new object[] { new { Rank = 1, Recompute = true }, new { Rank = 1, Ranks = new[] { 1 } }, new { Rank = 1, RowsAtOnce = 0 }, new { Rank = 2 }, new { } })
        {
            Assert.EndsWith("found other values of Recipe", Assert.Throws<DitException>(() => RunFolder.OpenOrCreate(folder.FullPath, Kind, new { Recipe = other, Seed = 2 })).Message, StringComparison.Ordinal);
        }
    }

    private static string[] Contents(TemporaryFolder folder) =>
        [.. Directory.EnumerateFiles(folder.FullPath).Order(StringComparer.Ordinal).SelectMany(file => new[] { file, File.ReadAllText(file) })];
}
