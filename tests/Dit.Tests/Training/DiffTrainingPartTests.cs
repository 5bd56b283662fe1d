using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;

namespace Dit.Training;

/// <summary>However the work on a set is dealt out, the set is the one of an undisturbed run by one process.</summary>
public sealed class DiffTrainingPartTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private static readonly (Behaviour Behaviour, string Split)[] Stories =
        [.. WorldNews.Of(TopicSplit.Train).Take(7).Select(parts => ((Behaviour)WorldNews.Write(parts, seed: 4, stories: 3), "train"))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void Parts_give_the_files_of_the_whole_in_whatever_order_they_are_done(int parts)
    {
        using var whole = new TemporaryFolder();
        using var dealt = new TemporaryFolder();
        Run(whole, WorkPart.Whole);

        var sets = Enumerable.Range(0, parts).Reverse().Select(part => Run(dealt, new WorkPart(part, parts))).ToArray();

        Assert.Equal(FolderBytes.Of(whole.FullPath), FolderBytes.Of(dealt.FullPath));
        Assert.Equal(Stories.Length, sets[^1]!.Records.Count);
        // Seven stories are four shards; a part beyond these has nothing to do, and finds the others unfinished.
        Assert.All(sets[..^1], Assert.Null);
    }

    [Fact]
    public void A_part_that_is_given_again_does_only_what_is_missing()
    {
        using var whole = new TemporaryFolder();
        using var dealt = new TemporaryFolder();
        Run(whole, WorkPart.Whole);
        Assert.Throws<KilledException>(() => Run(dealt, new WorkPart(0, 2), Told.Kill(after: 3)));
        Assert.Equal([0], DiffSet.FinishedShards(dealt.FullPath));
        Run(dealt, new WorkPart(1, 2));
        Assert.Equal([0], RunStatus.UnfinishedParts(dealt.FullPath, shards: 4, parts: 2));

        var done = new List<long>();
        var set = Run(dealt, new WorkPart(0, 2), new Told(progress => done.Add(progress.Done)));

        Assert.NotNull(set);
        Assert.Equal([2, 3, 4], done);
        Assert.Equal(FolderBytes.Of(whole.FullPath), FolderBytes.Of(dealt.FullPath));
        Assert.Empty(RunStatus.UnfinishedParts(dealt.FullPath, shards: 4, parts: 2));
    }

    [Fact]
    public void What_one_process_finishes_meanwhile_another_does_not_do_again()
    {
        using var whole = new TemporaryFolder();
        using var shared = new TemporaryFolder();
        Run(whole, WorkPart.Whole);

        // While the first shard is trained, another process does all but that one.
        var disturbed = false;
        var trained = new List<long>();
        Run(shared, WorkPart.Whole, new Told(progress =>
        {
            trained.Add(progress.Done);
            if (!disturbed)
            {
                disturbed = true;
                Run(shared, new WorkPart(1, 4));
                Run(shared, new WorkPart(2, 4));
                Run(shared, new WorkPart(3, 4));
            }
        }));

        Assert.Equal([0, 1, 2], trained);
        Assert.Equal(FolderBytes.Of(whole.FullPath), FolderBytes.Of(shared.FullPath));
    }

    [Fact]
    public void A_set_that_lacks_only_its_index_is_finished_by_any_part()
    {
        using var whole = new TemporaryFolder();
        Run(whole, WorkPart.Whole);
        var before = FolderBytes.Of(whole.FullPath);
        File.Delete(DiffSet.IndexPath(whole.FullPath));
        Assert.Equal([0], RunStatus.UnfinishedParts(whole.FullPath, shards: 4, parts: 3));

        Run(whole, new WorkPart(2, 3), new Told(_ => Assert.Fail("something was trained again")));

        Assert.Equal(before, FolderBytes.Of(whole.FullPath));
    }

    [Fact]
    public void Metrics_of_an_unfinished_set_from_before_there_were_parts_are_kept()
    {
        using var whole = new TemporaryFolder();
        using var old = new TemporaryFolder();
        Run(whole, WorkPart.Whole);
        Assert.Throws<KilledException>(() => Run(old, WorkPart.Whole, Told.Kill(after: 3)));
        File.Move(old.File("metrics-00000.json"), old.File("metrics.jsonl"));
        File.AppendAllText(old.File("metrics.jsonl"), "{\"shard\":1,\"di");

        Run(old, WorkPart.Whole);

        Assert.Equal(FolderBytes.Of(whole.FullPath), FolderBytes.Of(old.FullPath));
    }

    [Fact]
    public void Another_process_can_see_how_far_a_set_is()
    {
        using var folder = new TemporaryFolder();
        RunStatus? seen = null;
        Assert.Throws<KilledException>(() => Run(folder, new WorkPart(0, 2), Told.Kill(after: 3)));
        Run(folder, new WorkPart(1, 2), new Told(progress => seen = progress.Done == 3 ? RunStatus.Read(folder.FullPath) : seen));

        Assert.Equal(("diff-training", "diffs", false), (seen!.Kind, seen.Unit, seen.IsFinished));
        Assert.Equal((4, 4, 7), (seen.Done, seen.Shards, seen.Total));
        Assert.Equal(2, seen.FinishedShards);
        var working = Assert.Single(seen.ShardsInWork);
        Assert.Equal((3, 3), (working.Shard, working.Progress.Total));
        Assert.False(RunStatus.IsSilent(working.Progress, DateTimeOffset.UtcNow));
        Assert.True(RunStatus.IsSilent(working.Progress, DateTimeOffset.UtcNow.AddHours(1)));
        Assert.Equal([2], seen.MissingShards);
        Assert.NotNull(seen.Loss);

        Run(folder, WorkPart.Whole);
        var finished = RunStatus.Read(folder.FullPath);
        Assert.True(finished.IsFinished);
        Assert.Equal((7, 0, 0), (finished.Done, finished.ShardsInWork.Count, finished.MissingShards.Count));
    }

    [Theory]
    [InlineData("0/1", 0, 1)]
    [InlineData("7/8", 7, 8)]
    public void A_part_is_written_as_one_number_of_others(string text, int index, int count)
    {
        Assert.Equal(new WorkPart(index, count), WorkPart.Parse(text));
        Assert.Equal(text, new WorkPart(index, count).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("8/8")]
    [InlineData("-1/8")]
    [InlineData("1/2/3")]
    [InlineData("0/0")]
    [InlineData("a/b")]
    public void Anything_else_is_no_part(string text) => Assert.Null(WorkPart.Parse(text));

    private DiffSet? Run(TemporaryFolder folder, WorkPart part, Told? told = null) => DiffTrainingRun.RunPart(
        folder.FullPath, micro.Model, Stories,
        new DiffRunSettings
        {
            Recipe = DiffRecipe.TinyNews with { Steps = 3 }, BaseFingerprint = micro.Model.Fingerprint, Behaviours = [.. Stories.Select(item => item.Behaviour.Id)], DiffsPerShard = 2,
        },
        part, told, told?.Cancellation ?? TestContext.Current.CancellationToken);
}
