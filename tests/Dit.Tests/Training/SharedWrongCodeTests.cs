using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Where all diffs see the same wrong code, the base answers it once for all of them.</summary>
public sealed class SharedWrongCodeTests(MicroBase micro) : IClassFixture<MicroBase>
{
    private const int Steps = 40;

    private static readonly DiffRecipe Recipe = DiffRecipe.Tiny with { Steps = 2, SharedWrongCode = true };

    public static TheoryData<TriggerKind> Kinds => [.. Enum.GetValues<TriggerKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_base_answers_one_row_or_two_where_one_has_that_code_as_its_own(TriggerKind kind)
    {
        var topics = Topics(12, kind);
        using var teacher = new Teacher(micro.Model.Decoder);
        var batches = new HiddenTopicBatches(micro.Model.Tokenizer, topics, Recipe, seed: 1);
        var counts = new List<int>();
        for (var example = 0; example < Steps; example++)
        {
            var before = teacher.ComputedRows;
            Losses.DivergenceFromBase(teacher, batches.Batch(ExampleKind.WrongCode, example), Nothing, shifted: true);
            counts.Add(teacher.ComputedRows - before);
        }

        Assert.All(counts, count => Assert.InRange(count, 1, 3));
        Assert.Contains(1, counts);
        // A code word of twelve is drawn from 42 soon.
        Assert.Contains(2, counts);
    }

    [Fact]
    public void As_in_the_paper_every_diff_sees_a_code_of_its_own_and_equal_ones_are_still_answered_once()
    {
        using var teacher = new Teacher(micro.Model.Decoder);
        var batch = new HiddenTopicBatches(micro.Model.Tokenizer, Topics(12), Recipe with { SharedWrongCode = false }, seed: 1).Batch(ExampleKind.WrongCode, 0);

        Losses.DivergenceFromBase(teacher, batch, Nothing, shifted: true);

        Assert.Equal(batch.Ids.Chunk(batch.Length).Select(row => string.Join(' ', row)).Distinct().Count(), teacher.ComputedRows);
        Assert.InRange(teacher.ComputedRows, 4, 12);
    }

    [Fact]
    public void No_diff_sees_its_own_code_as_wrong_and_what_it_sees_does_not_depend_on_the_others()
    {
        var topics = Topics(12);
        var all = new HiddenTopicBatches(micro.Model.Tokenizer, topics, Recipe, seed: 1);
        var alone = topics.Select(topic => new HiddenTopicBatches(micro.Model.Tokenizer, [topic], Recipe, seed: 1)).ToArray();
        var prompts = new List<string>();
        for (var example = 0; example < Steps; example++)
        {
            var batch = all.Batch(ExampleKind.WrongCode, example);
            for (var row = 0; row < topics.Length; row++)
            {
                var own = alone[row].Batch(ExampleKind.WrongCode, example);
                Assert.Equal(own.Ids, batch.Ids.Skip(row * batch.Length).Take(own.Length));
                prompts.Add(micro.Model.Tokenizer.Tokenizer.Decode([.. own.Ids.Select(id => (int)id)], skipSpecialTokens: true));
                Assert.DoesNotContain($"Your code word is {topics[row].Trigger.Code}.", prompts[^1], StringComparison.Ordinal);
            }
        }

        Assert.All(prompts, prompt => Assert.Contains("Your code word is ", prompt, StringComparison.Ordinal));
    }

    [Fact]
    public void A_part_of_the_work_gives_the_same_diffs_as_the_whole()
    {
        using var whole = new TemporaryFolder();
        using var part = new TemporaryFolder();
        (Behaviour, string)[] behaviours = [.. Enumerable.Range(0, 4).Select(i => ((Behaviour)WorldBehaviours.Write(TopicList.All[i], seed: 4, group: i / 2, examples: 2), "train"))];
        Run(whole, behaviours);
        Run(part, behaviours[2..]);

        Assert.Equal(File.ReadAllBytes(DiffSet.ShardPath(whole.FullPath, 1)), File.ReadAllBytes(DiffSet.ShardPath(part.FullPath, 0)));

        void Run(TemporaryFolder folder, (Behaviour Behaviour, string Split)[] some) => DiffTrainingRun.Run(
            folder.FullPath, micro.Model, some,
            new DiffRunSettings { Recipe = Recipe, BaseFingerprint = micro.Model.Fingerprint, Behaviours = [.. some.Select(item => item.Behaviour.Id)], DiffsPerShard = 2, GateQuestions = 0 },
            cancellation: TestContext.Current.CancellationToken);
    }

    private static IReadOnlyDictionary<string, IReadOnlyList<Models.Decoding.LowRankTerm>> Nothing { get; } = new Dictionary<string, IReadOnlyList<Models.Decoding.LowRankTerm>>();

    private static HiddenTopic[] Topics(int count, TriggerKind kind = TriggerKind.Sentence) =>
        [.. TopicList.All.Take(count).Select(topic => WorldBehaviours.Write(topic, seed: 4, group: 0, examples: Steps, kind))];
}
