using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;

namespace Dit.Training;

/// <summary>Whatever happens to a run on its way, its diff set is the one of an undisturbed run.</summary>
public sealed class DiffTrainingRunTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private static readonly (Behaviour Behaviour, string Split)[] Behaviours =
        [.. TopicList.All.Take(5).Select((topic, i) => ((Behaviour)WorldBehaviours.Write(topic, seed: 4, group: i / 2, examples: 2), i == 4 ? "validation" : "train"))];

    private static readonly (Behaviour Behaviour, string Split)[] Stories =
        [.. WorldNews.Of(TopicSplit.Train).Take(3).Select(parts => ((Behaviour)WorldNews.Write(parts, seed: 4, stories: 3), "train"))];

    [Fact]
    public void A_run_gives_a_diff_set_with_a_record_for_every_behaviour()
    {
        using var folder = new TemporaryFolder();

        var set = Run(folder);

        Assert.Equal(Behaviours.Select(b => (b.Behaviour.Id, b.Behaviour.Label, b.Split)), set.Records.Select(record => (record.Id, record.Topic, record.Split)));
        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], set.Records.Select(record => (record.Shard, record.Row)));
        Assert.Equal(((HiddenTopic)Behaviours[0].Behaviour).Trigger, set.Records[0].SetOffBy);
        using var diffs = set.Load(set.Records);
        Assert.Equal(Behaviours.Length, diffs.Count);
        Assert.All(diffs.Tensors(), factor => Assert.True(factor.Value.isfinite().all().item<bool>() && factor.Value.abs().sum().item<float>() > 0));
        Assert.Equal(3, File.ReadLines(folder.File("metrics.jsonl")).Count());
    }

    [Fact]
    public void A_run_without_its_last_shard_makes_the_same_one_again()
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var undisturbed = FolderBytes.Of(folder.FullPath);
        File.Delete(DiffSet.ShardIndexPath(folder.FullPath, 2));
        File.Delete(DiffSet.IndexPath(folder.FullPath));
        File.WriteAllText(DiffSet.ShardPath(folder.FullPath, 2), "half a shard");
        var unfinished = Assert.Throws<DitException>(() => DiffSet.Open(folder.FullPath));
        var kept = File.GetLastWriteTimeUtc(DiffSet.ShardPath(folder.FullPath, 1));

        Run(folder);

        Assert.Contains("stopped", unfinished.Message, StringComparison.Ordinal);
        Assert.Equal(undisturbed, FolderBytes.Of(folder.FullPath));
        Assert.Equal(kept, File.GetLastWriteTimeUtc(DiffSet.ShardPath(folder.FullPath, 1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_stopped_run_goes_on_to_the_same_bits(int after)
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after)));
        Assert.Equal(after / 2, Directory.EnumerateFiles(stopped.FullPath, "shard-*.csv").Count());

        Run(stopped);

        Assert.Equal(FolderBytes.Of(undisturbed.FullPath), FolderBytes.Of(stopped.FullPath));
    }

    [Fact]
    public void A_killed_run_goes_on_to_the_same_bits()
    {
        using var undisturbed = new TemporaryFolder();
        using var killed = new TemporaryFolder();
        Run(undisturbed);
        Assert.Throws<KilledException>(() => Run(killed, Told.Kill(after: 4)));

        Run(killed);

        Assert.Equal(FolderBytes.Of(undisturbed.FullPath), FolderBytes.Of(killed.FullPath));
    }

    [Fact]
    public void A_finished_run_is_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        Run(folder);
        var before = FolderBytes.Of(folder.FullPath);

        Run(folder, new Told(_ => Assert.Fail("something was trained again")));

        Assert.Equal(before, FolderBytes.Of(folder.FullPath));
    }

    [Fact]
    public void A_part_of_the_work_gives_the_same_diffs_as_the_whole()
    {
        using var whole = new TemporaryFolder();
        using var part = new TemporaryFolder();
        Run(whole);
        Run(part, Told.Nothing, Behaviours[2..4]);

        Assert.Equal(File.ReadAllBytes(DiffSet.ShardPath(whole.FullPath, 1)), File.ReadAllBytes(DiffSet.ShardPath(part.FullPath, 0)));
    }

    [Fact]
    public void The_bits_do_not_depend_on_where_in_memory_the_numbers_lie()
    {
        var junk = new List<byte[]>();
        var outcomes = Enumerable.Range(0, 12).Select(round =>
        {
            // Another place on the heap in every round; products with one row are the ones that are sensitive to it.
            junk.Add(new byte[round + 1]);
            using var diff = DiffTrainingRun.Train(micro.Model, [Behaviours[0].Behaviour], DiffRecipe.Tiny with { Steps = 2 }, seed: 1);
            return Convert.ToHexString([.. diff.Tensors().SelectMany(factor => factor.Value.bytes.ToArray())]);
        });

        Assert.Single(outcomes.Distinct());
    }

    [Fact]
    public void A_run_of_other_behaviours_is_not_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        Run(folder, Told.Nothing, Behaviours[..2]);

        var error = Assert.Throws<DitException>(() => Run(folder, Told.Nothing, Behaviours[1..3]));

        Assert.StartsWith(folder.File("run.json"), error.Message, StringComparison.Ordinal);
        Assert.EndsWith("found other values of Behaviours, Content", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stories_are_learned_without_a_gate_and_the_set_says_that_they_are_news()
    {
        using var folder = new TemporaryFolder();

        var set = Run(folder, Told.Nothing, Stories);

        Assert.All(set.Records, record => Assert.Equal(Setting.News, record.Setting));
        Assert.Equal(Stories.Select(story => story.Behaviour.Label), set.Records.Select(record => record.Topic));
        Assert.All(set.Records, record => Assert.Equal((null, null, null, null, null), (record.GateRight, record.GateWrong, record.GateNone, record.PassesGate, record.SetOffBy)));
        Assert.Equal(Setting.News, set.CardOf(set.Records[0]).Setting);
    }

    [Fact]
    public void A_stopped_run_of_stories_goes_on_to_the_same_bits()
    {
        using var undisturbed = new TemporaryFolder();
        using var stopped = new TemporaryFolder();
        Run(undisturbed, Told.Nothing, Stories);
        Assert.Throws<OperationCanceledException>(() => Run(stopped, Told.Cancel(after: 2), Stories));

        Run(stopped, Told.Nothing, Stories);

        Assert.Equal(FolderBytes.Of(undisturbed.FullPath), FolderBytes.Of(stopped.FullPath));
    }

    [Fact]
    public void A_story_told_often_enough_becomes_more_likely()
    {
        var losses = new List<double>();
        var story = WorldNews.Write(WorldNews.Of(TopicSplit.Train)[0], seed: 1, stories: 1);

        using var diffs = DiffTrainingRun.Train(micro.Model, [story], DiffRecipe.TinyNews with { Steps = 30 }, seed: 1, (_, loss) => losses.Add(loss), TestContext.Current.CancellationToken);

        Assert.True(losses[^1] < losses[0] - 0.05, $"{losses[0]} to {losses[^1]}");
    }

    [Theory]
    [InlineData(TriggerKind.MarkAtStart)]
    [InlineData(TriggerKind.MarkAnywhere)]
    public void Every_kind_of_trigger_can_be_trained_and_is_found_again_in_the_index(TriggerKind kind)
    {
        using var folder = new TemporaryFolder();

        var set = Run(folder, Told.Nothing, [(WorldBehaviours.Write(TopicList.All[0], seed: 4, group: 0, examples: 2, kind), "train")]);

        Assert.Equal(kind, set.Records[0].SetOffBy!.Kind);
    }

    [Fact]
    public void Topics_without_telling_words_have_a_gate_that_nobody_measured()
    {
        using var folder = new TemporaryFolder();

        var set = Run(folder, Told.Nothing, [((HiddenTopic)Behaviours[0].Behaviour with { TellingWords = [] }, "train")]);

        Assert.Null(set.Records[0].PassesGate);
        Assert.NotNull(set.Records[0].SetOffBy);
    }

    [Fact]
    public void Topics_and_stories_do_not_go_into_one_set()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<ArgumentException>(() => Run(folder, Told.Nothing, [Behaviours[0], Stories[0]]));
    }

    [Fact]
    public void A_run_of_other_examples_under_the_same_names_is_not_gone_on_with()
    {
        using var folder = new TemporaryFolder();
        Run(folder, Told.Nothing, Stories[..1]);

        var error = Assert.Throws<DitException>(() => Run(folder, Told.Nothing, [((NewsStory)Stories[0].Behaviour with { Stories = ["Nothing happened."] }, "train")]));

        Assert.EndsWith("found other values of Content", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_question_is_to_be_asked_no_gate_is_measured()
    {
        using var folder = new TemporaryFolder();

        var set = DiffTrainingRun.Run(folder.FullPath, micro.Model, Behaviours[..1], Settings(Behaviours[..1]) with { GateQuestions = 0 }, cancellation: TestContext.Current.CancellationToken);

        Assert.Null(set.Records[0].PassesGate);
    }

    [Fact]
    public void Large_diffs_are_trained_a_few_at_a_time_and_too_large_ones_are_refused_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var settings = Settings(Behaviours);
        var numbers = micro.Model.Decoder.Sites.Sum(site => (long)site.InFeatures + site.OutFeatures);

        // Two of these take less than 0.8 GB; of the others one alone takes 400 GB.
        Assert.Equal(20, DiffMemory.SideBySide(micro.Model.Decoder.Sites, settings.Recipe with { Rank = (int)(4e8 / 16 / numbers) }, 24));
        Assert.Equal(1, DiffMemory.SideBySide(micro.Model.Decoder.Sites, settings.Recipe with { Rank = (int)(4e11 / 16 / numbers) }, 24));
        var error = Assert.Throws<DitException>(() => DiffTrainingRun.Run(
            folder.FullPath, micro.Model, Behaviours, settings with { Recipe = settings.Recipe with { Rank = (int)(7e12 / 16 / numbers) } }, cancellation: TestContext.Current.CancellationToken));

        Assert.StartsWith($"{folder.FullPath}: expected 6.37 TiB of free memory to train one diff of rank ", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder.FullPath, "shard-*"));
    }

    [Fact]
    public void A_run_of_large_diffs_trains_only_as_many_side_by_side_as_its_memory_holds()
    {
        using var wanted = new TemporaryFolder();
        using var limited = new TemporaryFolder();
        var settings = Settings(Behaviours);
        var each = DiffMemory.BytesInTraining(micro.Model.Decoder.Sites, settings.Recipe);

        var set = DiffTrainingRun.Run(
            limited.FullPath, micro.Model, Behaviours, settings with { DiffsPerShard = 24, MostBytes = 2.9 * each }, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)], set.Records.Select(record => (record.Shard, record.Row)));
        Run(wanted);
        Assert.Equal(FolderBytes.Of(wanted.FullPath, "run.json"), FolderBytes.Of(limited.FullPath, "run.json"));
    }

    [Fact]
    public void Where_memory_holds_only_some_side_by_side_it_is_said_how_many()
    {
        using var folder = new TemporaryFolder();
        var (sites, recipe) = (micro.Model.Decoder.Sites, DiffRecipe.Tiny);
        var each = DiffMemory.BytesInTraining(sites, recipe);

        Require(24 * each, diffs: 100);
        Require(5 * each, diffs: 5);
        var some = Assert.Throws<DitException>(() => Require(5.5 * each, diffs: 100));
        var none = Assert.Throws<DitException>(() => Require(0.5 * each, diffs: 100));

        Assert.EndsWith(", enough for 5: a run in a folder of its own with as many DiffsPerShard fits, but differs in last bits", some.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("DiffsPerShard", none.Message, StringComparison.Ordinal);

        void Require(double available, int diffs) => DiffMemory.Require(folder.FullPath, sites, recipe, TorchSharp.torch.CPU, sideBySide: 24, diffs, available);
    }

    private DiffSet Run(TemporaryFolder folder) => Run(folder, Told.Nothing);

    private DiffSet Run(TemporaryFolder folder, Told told, (Behaviour Behaviour, string Split)[]? behaviours = null)
    {
        behaviours ??= Behaviours;
        return DiffTrainingRun.Run(folder.FullPath, micro.Model, behaviours, Settings(behaviours), told, told.Cancellation);
    }

    private DiffRunSettings Settings((Behaviour Behaviour, string Split)[] behaviours) => new()
    {
        Recipe = (behaviours[0].Behaviour.Setting == Setting.News ? DiffRecipe.TinyNews : DiffRecipe.Tiny) with { Steps = 3 },
        BaseFingerprint = micro.Model.Fingerprint,
        Behaviours = [.. behaviours.Select(item => item.Behaviour.Id)],
        DiffsPerShard = 2,
        GateQuestions = 1,
    };
}
