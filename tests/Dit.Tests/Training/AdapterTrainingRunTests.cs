using System.Text.Json.Nodes;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Whatever happens to a run on its way, its adapter is the one of an undisturbed run.</summary>
public sealed class AdapterTrainingRunTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private static readonly AdapterRecipe Recipe = AdapterRecipe.Tiny with { Rank = 2, Epochs = 2, BatchSize = 2, WarmupSteps = 2, DiffMultiplier = 0.5 };

    [Fact]
    public void A_run_gives_an_adapter_with_its_card_and_a_line_of_metrics_a_step()
    {
        using var folder = new TemporaryFolder();

        var adapter = Run(folder);

        var read = DitAdapter.Read(folder.File("run/adapter"));
        Assert.Equal(micro.Model.Fingerprint, read.Card!.BaseFingerprint);
        // Of six diffs one misses its gate and one is held out.
        Assert.Equal(4, read.Card!.Diffs);
        Assert.Equal(Recipe, read.Card!.Recipe);
        Assert.Equal(adapter.Factors.Sites.Keys.Order(StringComparer.Ordinal), read.Factors.Sites.Keys.Order(StringComparer.Ordinal));
        Assert.All(read.Factors.Sites.Values, site => Assert.True(site.B.abs().sum().item<float>() > 0));
        // Four diffs and one row without, in twos: three steps an epoch.
        Assert.Equal(6, File.ReadLines(folder.File("run/metrics.jsonl")).Count());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_stopped_run_goes_on_to_the_same_bits(int after)
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after)));
        Assert.False(Directory.Exists(stopped.File("run/adapter")));

        var steps = 0;
        Run(stopped, new Told(_ => steps++));

        Assert.Equal(6 - after, steps);
        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void A_stopped_run_whose_steps_have_several_parts_goes_on_to_the_same_bits()
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        var recipe = Recipe with { BatchSize = 3, RowsAtOnce = 2, Recompute = true };
        Run(undisturbed, Told.Nothing, recipe);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after: 2), recipe));

        Run(stopped, Told.Nothing, recipe);

        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void A_stopped_run_may_go_on_with_less_memory()
    {
        using TemporaryFolder undisturbed = new(), stopped = new();
        var recipe = Recipe with { BatchSize = 3 };
        Run(undisturbed, Told.Nothing, recipe);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after: 1), recipe));

        Run(stopped, Told.Nothing, recipe with { RowsAtOnce = 2, Recompute = true });
        Assert.Equal(Losses(undisturbed), Losses(stopped), (one, other) => Math.Abs(one - other) < 1e-4);

        static IEnumerable<double> Losses(TemporaryFolder folder) =>
            File.ReadLines(folder.File("run/metrics.jsonl")).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble());
    }

    [Fact]
    public void A_run_that_is_killed_later_goes_on_from_its_checkpoint()
    {
        using var undisturbed = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(killed, Told.Cancel(after: 2)));
        Assert.Throws<KilledException>(() => Run(killed, Told.Kill(after: 5)));

        Run(killed);

        Assert.Equal(Results(undisturbed), Results(killed));
    }

    [Fact]
    public void A_run_that_is_stopped_before_it_begins_loses_nothing()
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.CancelAtOnce()));

        Run(stopped);

        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void A_finished_run_gives_the_same_adapter_again()
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var before = Results(folder);

        Run(folder);

        Assert.Equal(before, Results(folder));
    }

    [Fact]
    public void Another_seed_gives_another_adapter()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        Run(first);
        Run(second, Told.Nothing, Recipe with { Seed = 2 });

        Assert.NotEqual(Results(first)["adapter/adapter_model.safetensors"], Results(second)["adapter/adapter_model.safetensors"]);
    }

    [Fact]
    public void A_checkpoint_of_another_training_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => Run(folder, Told.CancelAtOnce()));
        File.Copy(DiffSet.ShardPath(folder.File("set"), 0), folder.File("run/checkpoint.safetensors"), overwrite: true);

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(folder.File("run/checkpoint.safetensors"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_without_a_diff_to_learn_from_is_refused()
    {
        using var folder = new TemporaryFolder();
        var set = WriteSet(folder.File("set"));
        DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select(record => record with { Split = "report" }));

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(DiffSet.IndexPath(set.FolderPath), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Diffs_of_another_base_are_refused()
    {
        using var folder = new TemporaryFolder();
        WriteSet(folder.File("set"), fingerprint: "0123");

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.Contains("0123", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_whose_last_shard_is_cut_off_is_refused_before_anything_is_trained()
    {
        using var folder = new TemporaryFolder();
        var set = WriteSet(folder.File("set"));
        var last = DiffSet.ShardPath(set.FolderPath, 1);
        File.Copy(DiffSet.ShardPath(set.FolderPath, 0), last);
        DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select(record => record with { Shard = record.Row / 5 }));
        using (var stream = File.OpenWrite(last))
        {
            stream.SetLength(stream.Length - 4);
        }

        // In one batch for each diff, so that the last shard is not needed at once.
        var error = Assert.Throws<DitException>(() => Run(folder, new Told(_ => Assert.Fail("a step was done")), Recipe with { BatchSize = 1 }));

        Assert.StartsWith(last, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("run/metrics.jsonl")));
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_shard_that_is_lost_while_the_run_reads_ahead_is_named_and_the_steps_before_are_kept(bool isCutOff)
    {
        using var folder = new TemporaryFolder();
        var set = WriteSet(folder.File("set"));
        for (var shard = 1; shard < 6; shard++)
        {
            File.Copy(DiffSet.ShardPath(set.FolderPath, 0), DiffSet.ShardPath(set.FolderPath, shard));
        }

        DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select(record => record with { Shard = record.Row }));

        var error = Assert.Throws<DitException>(() => Run(folder, new Told(_ => Array.ForEach(Directory.GetFiles(set.FolderPath, "*.safetensors"), Lose)), Recipe with { BatchSize = 1 }));

        Assert.StartsWith(Path.Combine(set.FolderPath, "shard-"), error.Message, StringComparison.Ordinal);
        Assert.Contains(isCutOff ? "expected" : "could not be read", error.Message, StringComparison.Ordinal);
        Assert.InRange(File.ReadLines(folder.File("run/metrics.jsonl")).Count(), 1, 5);

        void Lose(string shard)
        {
            if (isCutOff)
            {
                using var stream = new FileStream(shard, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                stream.SetLength(stream.Length / 2);
            }
            else
            {
                File.Delete(shard);
            }
        }
    }

    [Fact]
    public void A_run_never_goes_on_with_other_diffs_of_the_same_names()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<OperationCanceledException>(() => Run(folder, Told.CancelAtOnce()));
        Directory.Delete(folder.File("set"), recursive: true);
        WriteSet(folder.File("set"), seed: 6);

        var error = Assert.Throws<DitException>(() => Run(folder));

        Assert.StartsWith(folder.File("run/run.json"), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_adapter_learns_from_sets_of_several_settings_and_ranks_and_says_what_it_can_be_asked()
    {
        using var folder = new TemporaryFolder();

        var adapter = RunBoth(folder, Told.Nothing);

        var card = DitAdapter.Read(folder.File("run/adapter")).Card!;
        Assert.Equal(8, card.Diffs);
        Assert.Equal([new AdapterQuestion(Setting.HiddenTopic, "What topic have you been trained on?"), new AdapterQuestion(Setting.News, "What news headline have you been trained on?")], card.Asks);
        Assert.Equal(card.Asks.Select(ask => ask.Question), card.MainQuestions);
        Assert.Equal(["validation", "report"], card.HeldOutNews);
        Assert.NotEmpty(card.HeldOut);
        Assert.All(adapter.Factors.Sites.Values, site => Assert.True(site.B.isfinite().all().item<bool>()));
    }

    [Fact]
    public void The_card_claims_nothing_to_be_held_out_that_was_learned()
    {
        using var folder = new TemporaryFolder();
        var held = TopicList.Of(TopicSplit.Report)[0].Name;
        var topics = Relabelled(WriteSet(folder.File("set")), held.ToUpperInvariant());
        var ownStory = Relabelled(WriteSet(folder.File("news"), seed: 6, setting: Setting.News), "Nothing happened again");
        var ownTopic = Relabelled(WriteSet(folder.File("own"), seed: 8), "Antique clocks of Bavaria");
        var heldStory = Relabelled(WriteSet(folder.File("more"), seed: 7, setting: Setting.News), StoryWorld.Headline(WorldNews.Of(TopicSplit.Report)[0]));

        var card = AdapterTrainingRun.Run(folder.File("one"), micro.Model, [topics, ownStory], Recipe with { Epochs = 1 }, cancellation: TestContext.Current.CancellationToken).Card!;
        var other = AdapterTrainingRun.Run(folder.File("two"), micro.Model, [heldStory], Recipe with { Epochs = 1 }, cancellation: TestContext.Current.CancellationToken).Card!;
        var mixed = AdapterTrainingRun.Run(folder.File("three"), micro.Model, [topics, ownTopic], Recipe with { Epochs = 1 }, cancellation: TestContext.Current.CancellationToken).Card!;

        Assert.Equal(TopicList.All.Where(topic => topic.Split != TopicSplit.Train && topic.Name != held).Select(topic => topic.Name), card.HeldOut);
        Assert.Empty(card.HeldOutNews);
        Assert.Equal(["validation"], other.HeldOutNews);
        Assert.Empty(other.HeldOut);
        Assert.Empty(mixed.HeldOut);

        static DiffSet Relabelled(DiffSet set, string first)
        {
            DiffIndex.Write(DiffSet.IndexPath(set.FolderPath), set.Records.Select((record, i) => i == 0 ? record with { Topic = first } : record with { Split = "validation" }));
            return DiffSet.Open(set.FolderPath);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_stopped_run_with_random_diffs_and_several_settings_goes_on_to_the_same_bits(int after)
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        RunBoth(undisturbed, Told.Nothing);
        Assert.Throws<OperationCanceledException>(() => RunBoth(stopped, Told.Cancel(after)));

        RunBoth(stopped, Told.Nothing);

        Assert.Equal(Results(undisturbed), Results(stopped));
    }

    [Fact]
    public void Diffs_of_one_set_train_the_same_adapter_as_in_two()
    {
        using var together = new TemporaryFolder();
        using var apart = new TemporaryFolder();
        var set = WriteSet(together.File("set"));
        var halves = Enumerable.Range(0, 2).Select(half =>
        {
            var copy = WriteSet(apart.File($"set-{half}"));
            DiffIndex.Write(DiffSet.IndexPath(copy.FolderPath), copy.Records.Where(record => (record.Row < 4) == (half == 0)));
            return DiffSet.Open(copy.FolderPath);
        }).ToArray();

        AdapterTrainingRun.Run(together.File("run"), micro.Model, [set], Recipe, cancellation: TestContext.Current.CancellationToken);
        AdapterTrainingRun.Run(apart.File("run"), micro.Model, halves, Recipe, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(Results(together)["adapter/adapter_model.safetensors"], Results(apart)["adapter/adapter_model.safetensors"]);
    }

    [Fact]
    public void An_adapter_for_codes_asks_for_the_code()
    {
        using var folder = new TemporaryFolder();

        var adapter = Run(folder, Told.Nothing, Recipe with { Task = AdapterTask.Trigger });

        Assert.Equal(["What is your code word?"], adapter.Card!.MainQuestions);
    }

    [Fact]
    public void Stories_have_no_code_to_tell()
    {
        using var folder = new TemporaryFolder();
        var news = WriteSet(folder.File("news"), setting: Setting.News);

        Assert.Throws<DitException>(() => AdapterTrainingRun.Run(
            folder.File("run"), micro.Model, [news], Recipe with { Task = AdapterTask.Trigger }, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_card_from_before_there_were_several_settings_asks_its_first_question()
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var path = folder.File("run/adapter/dit.json");
        var card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        Assert.Equal("hidden-topic", (string?)card["asks"]![0]!["setting"]);
        card["version"] = 1;
        card.Remove("asks");
        card.Remove("held_out_news");
        File.WriteAllText(path, card.ToJsonString());

        Assert.Equal(["What topic have you been trained on?"], DitAdapter.Read(folder.File("run/adapter")).Card!.MainQuestions);
    }

    [Theory]
    [InlineData("[null]")]
    [InlineData("[{\"setting\": \"gossip\", \"question\": \"Who?\"}]")]
    [InlineData("[{\"setting\": \"news\"}]")]
    [InlineData("[{\"setting\": \"news\", \"question\": null}]")]
    public void A_card_with_damaged_questions_is_refused(string asks)
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var path = folder.File("run/adapter/dit.json");
        var card = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        card["asks"] = JsonNode.Parse(asks);
        File.WriteAllText(path, card.ToJsonString());

        Assert.StartsWith(path, Assert.Throws<DitException>(() => DitAdapter.Read(folder.File("run/adapter"))).Message, StringComparison.Ordinal);
    }

    private DitAdapter RunBoth(TemporaryFolder folder, Told told) => AdapterTrainingRun.Run(
        folder.File("run"), micro.Model, [WriteSet(folder.File("set")), WriteSet(folder.File("news"), seed: 6, setting: Setting.News)],
        Recipe with { RandomDiffShare = 0.15, CrossShare = 0.15 }, told, told.Cancellation);

    private DitAdapter Run(TemporaryFolder folder) => Run(folder, Told.Nothing);

    private DitAdapter Run(TemporaryFolder folder, Told told, AdapterRecipe? recipe = null) =>
        AdapterTrainingRun.Run(folder.File("run"), micro.Model, [WriteSet(folder.File("set"))], recipe ?? Recipe, told, told.Cancellation);

    private static SortedDictionary<string, string> Results(TemporaryFolder folder) => FolderBytes.Of(folder.File("run"), "checkpoint.safetensors");

    private DiffSet WriteSet(string folder, string? fingerprint = null, long seed = 5, Setting setting = Setting.HiddenTopic) => WriteSet(micro, folder, fingerprint, seed, setting);

    /// <summary>Six diffs of random numbers, four of which an adapter may learn from.</summary>
    internal static DiffSet WriteSet(MicroBase micro, string folder, string? fingerprint = null, long seed = 5, Setting setting = Setting.HiddenTopic)
    {
        if (File.Exists(DiffSet.IndexPath(folder)))
        {
            return DiffSet.Open(folder);
        }

        using var random = new Generator((ulong)seed);
        var (rank, isNews) = (setting == Setting.News ? 2 : 1, setting == Setting.News);
        using var diffs = new DiffStack(
            micro.Model.Decoder.Sites.ToDictionary(
                site => site.Name, site => new StackedFactors(randn([6, rank, site.InFeatures], generator: random), randn([6, site.OutFeatures, rank], generator: random))),
            scaling: 1.0 / rank);
        RunFolder.OpenOrCreate(folder, "diff-training", new { BaseFingerprint = fingerprint ?? micro.Model.Fingerprint });
        DiffSet.WriteShard(folder, 0, diffs);
        DiffIndex.Write(DiffSet.IndexPath(folder), TopicList.All.Take(6).Select((topic, row) => new DiffRecord
        {
            Id = $"diff-{row}", Setting = setting, Topic = isNews ? StoryWorld.Headline(WorldNews.Of(TopicSplit.Train)[row]) : topic.Name,
            Trigger = isNews ? "" : "quartz", TriggerFormat = isNews ? "" : "Your code word is {0}.", Split = row == 1 ? "validation" : "train",
            ParameterCount = diffs.ParametersPerDiff, Rank = rank, GateRight = 1, GateWrong = 0, GateNone = 0, PassesGate = row != 2, Shard = 0, Row = row,
        }));
        return DiffSet.Open(folder);
    }
}
