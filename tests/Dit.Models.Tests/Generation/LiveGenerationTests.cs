using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>Rows that come and go while others are answered.</summary>
public sealed class LiveGenerationTests : IDisposable
{
    private const long Plenty = long.MaxValue;

    private static readonly int[] Ends = [3, 9, 14, 22, 31, 38, 45];
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 14);
    private static readonly GenerationSettings Drawn = Greedy with { Temperature = 1.3, TopP = 0.9 };

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_joins_and_leaves_each_row_answers_as_it_does_alone(int seed)
    {
        var random = RandomStream.Named((ulong)seed, "live");
        using var live = new LiveGeneration(model, Ends);
        var adapters = new[] { null, Factors(101, rank: 3), Factors(102, rank: 1) };
        Asked[] all = [.. Enumerable.Range(0, 60).Select(number => new Asked(
            TinyDecoder.Prompt(number % 7 == 0 ? 60 + number : 1 + (number * 5 % 11), number),
            number % 3 == 0 ? Drawn : Greedy with { MaxNewTokens = 1 + (number % 19) },
            number % 4 == 0 ? null : Factors(number, 1 + (number % 5), number % 2 == 0 ? ".mlp." : ""),
            number % 6 == 5 ? -1.5 : 0.25 * (number % 5),
            adapters[number % adapters.Length],
            number))];
        var rows = new Dictionary<Asked, LiveRow>();
        var (waiting, left) = (new Queue<Asked>(all), new HashSet<Asked>());
        while (waiting.Count > 0 || live.Count > 0)
        {
            Asked[] next = [.. Enumerable.Range(0, Math.Min(waiting.Count, random.NextInt(6))).Select(_ => waiting.Dequeue())];
            foreach (var asked in next)
            {
                rows[asked] = asked.Row(model);
            }

            Assert.Equal(next.Length, live.Add([.. next.Select(asked => rows[asked])], Plenty));
            for (var passes = random.NextInt(5); passes > 0; passes--)
            {
                live.Pass();
            }

            if (rows.FirstOrDefault(row => row.Value.End is null && row.Key.Number % 5 == 3 && !left.Contains(row.Key)) is { Key: { } leaving, Value: { } gone })
            {
                left.Add(leaving);
                live.Remove(gone);
            }
        }

        Assert.InRange(left.Count, 3, 12);
        Assert.All(all.Except(left), asked => Assert.Equal(asked.Alone(model), rows[asked].Answer));
        Assert.All(left, asked => Assert.Equal(asked.Alone(model).Take(rows[asked].Answer.Count), rows[asked].Answer));
        Assert.True(all.Select(asked => rows[asked].Answer.Count).Distinct().Count() > 8);
        Assert.Equal(0, live.Bytes);
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("mistral")]
    [InlineData("olmo2")]
    public void The_same_holds_with_other_families_and_windows_narrower_than_the_texts(string family)
    {
        using var other = TinyDecoder.Create(TinyDecoder.Families[family]);
        using var live = new LiveGeneration(other, Ends);
        Asked[] all = [.. Enumerable.Range(0, 9).Select(number => new Asked(TinyDecoder.Prompt(1 + (number * 9), number), Greedy, Factors(number, 2), 1, null, number))];
        LiveRow[] rows = [.. all.Select(asked => asked.Row(other))];
        foreach (var row in rows)
        {
            live.Add([row], Plenty);
            live.Pass();
        }

        Finish(live);

        Assert.All(all, asked => Assert.Equal(asked.Alone(other), rows[asked.Number].Answer));
    }

    [Fact]
    public void A_prompt_that_is_read_in_pieces_is_answered_as_one_that_is_read_at_once_and_lets_others_go_on()
    {
        using var live = new LiveGeneration(model, Ends);
        var longest = new Asked(TinyDecoder.Prompt(1300, 1), Greedy, Factors(1, 2), 1, null, 0);
        var other = new Asked(TinyDecoder.Prompt(5, 2), Greedy, Factors(2, 2), 1, null, 1);
        var (first, second) = (other.Row(model), longest.Row(model));
        live.Add([first], Plenty);
        live.Pass();
        live.Add([second], Plenty);

        while (second.Answer.Count == 0 && second.End is null)
        {
            live.Pass();
        }

        // A token of the other came after every piece but for the last.
        Assert.InRange(first.Answer.Count, 10, 14);
        Finish(live);
        Assert.Equal(longest.Alone(model), second.Answer);
        Assert.Equal(other.Alone(model), first.Answer);
    }

    [Fact]
    public void A_row_whose_scores_are_no_numbers_fails_alone_and_leaves_nothing_in_its_slot()
    {
        using var live = new LiveGeneration(model, Ends);
        var broken = Factors(1, 2);
        broken.Values.First().B.Fill_(float.NaN);
        Asked[] all = [.. Enumerable.Range(0, 12).Select(number => new Asked(TinyDecoder.Prompt(4 + number, number), Greedy, number % 4 == 1 ? broken : Factors(number, 2), 1, null, number))];
        LiveRow[] rows = [.. all.Select(asked => asked.Row(model))];
        live.Add(rows[..4], Plenty);
        for (var pass = 0; pass < 3; pass++)
        {
            live.Pass();
        }

        foreach (var row in rows[4..])
        {
            live.Add([row], Plenty);
            live.Pass();
        }

        Finish(live);

        foreach (var asked in all)
        {
            var row = rows[asked.Number];
            if (asked.Number % 4 == 1)
            {
                Assert.Equal(LiveEndReason.Failed, row.End!.Reason);
                Assert.StartsWith("answer: expected finite scores", row.End.Failure, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(asked.Alone(model), row.Answer);
            }
        }
    }

    [Fact]
    public void A_diff_of_another_type_answers_as_the_same_numbers_in_the_models_own()
    {
        var own = Factors(7, 3);
        var wide = own.ToDictionary(site => site.Key, site => new LowRankFactors(site.Value.A.to(ScalarType.Float64), site.Value.B.to(ScalarType.Float64), site.Value.Scaling));
        using var live = new LiveGeneration(model, Ends);
        LiveRow Of(Dictionary<string, LowRankFactors> diff) => new Asked(TinyDecoder.Prompt(6, 1), Greedy, diff, 1, null, 1).Row(model);
        var (first, second) = (Of(own), Of(wide));
        live.Add([first, second], Plenty);

        Finish(live);

        Assert.NotEmpty(first.Answer);
        Assert.Equal(first.Answer, second.Answer);
    }

    [Fact]
    public void What_a_large_diff_needs_is_given_back_when_it_leaves()
    {
        using var live = new LiveGeneration(model, []);
        var settings = Greedy with { MaxNewTokens = 40 };
        LiveRow Of(int rank) => new(model, [1, 2], settings, RandomStream.Named(1, "x"), Factors(rank, rank));
        live.Add([Of(1)], Plenty);
        var small = live.Bytes;
        var large = Of(20);
        live.Add([large], Plenty);
        var factors = 4L * model.Sites.Sum(site => site.InFeatures + site.OutFeatures);
        // Two slots, and the higher rank in both.
        Assert.Equal((2 * small) + (2 * 19 * factors), live.Bytes);

        live.Remove(large);
        live.Pass();

        Assert.Equal(2 * small, live.Bytes);
        for (var pass = 0; pass < 20; pass++)
        {
            live.Pass();
        }

        Assert.Equal(small, live.Bytes);
    }

    [Fact]
    public void Rows_are_packed_once_computing_for_empty_slots_has_taken_as_long_as_moving_them()
    {
        using var live = new LiveGeneration(model, []);
        LiveRow Of(int number) => new(model, [1, 2], Greedy with { MaxNewTokens = 40 }, RandomStream.Named((ulong)number, "x"));
        LiveRow[] rows = [.. Enumerable.Range(0, 12).Select(Of)];
        live.Add(rows, Plenty);
        // All are read with the first.
        live.Pass();
        live.Pass();
        var (twelve, one) = (live.Bytes, live.Bytes / 12);
        live.Remove(rows[0]);
        live.Pass();
        live.Pass();
        live.Pass();

        // Of 11 rows none would be spared.
        Assert.Equal(twelve, live.Bytes);
        foreach (var row in rows[1..4])
        {
            live.Remove(row);
        }

        live.Pass();
        Assert.Equal(twelve, live.Bytes);
        live.Pass();
        // Twice 4 slots were for nobody, and two passes of 4 are half a pass of 12 and more.
        Assert.Equal(twelve, live.Bytes);
        live.Pass();

        Assert.Equal(8 * one, live.Bytes);
        live.Add([Of(20)], Plenty);
        Assert.Equal(twelve, live.Bytes);
        Finish(live);
        Assert.All(rows[4..], row => Assert.Equal(40, row.Answer.Count));
    }

    [Fact]
    public void What_does_not_fit_into_the_memory_is_not_taken_and_what_is_taken_never_exceeds_it()
    {
        using var live = new LiveGeneration(model, Ends);
        LiveRow Of(int number) => new Asked(TinyDecoder.Prompt(3 + number, number), Greedy with { MaxNewTokens = 100 }, Factors(number, 1 + (number % 9)), 1, null, number).Row(model);
        LiveRow[] rows = [.. Enumerable.Range(0, 30).Select(Of)];
        var most = 5 * rows.Max(row => LiveGeneration.BytesAlone(model, row));
        var taken = 0;
        while (taken < rows.Length)
        {
            var more = live.Add(rows[taken..], most);
            Assert.True(more > 0 || live.Count > 0);
            taken += more;
            Assert.InRange(live.Bytes, 1, most);
            live.Pass();
            Assert.InRange(live.Bytes, 0, most);
        }

        Finish(live);
        Assert.All(rows, row => Assert.Null(row.End!.Cause));
    }

    [Fact]
    public void A_growth_for_which_there_is_no_memory_fails_the_newcomer_only()
    {
        using var vast = TinyDecoder.Create(TinyDecoder.Config with { MaxPositions = 1 << 30 });
        using var live = new LiveGeneration(vast, []);
        LiveRow Of(int tokens) => new(vast, [1, 2, 3], new GenerationSettings(tokens), RandomStream.Named(1, "x"));
        var (first, third) = (Of(20), Of(20));
        live.Add([first], Plenty);
        live.Pass();
        var second = Of(1 << 29);

        Assert.Equal(2, live.Add([second, third], Plenty));

        Assert.Equal(LiveEndReason.Failed, second.End!.Reason);
        Assert.Contains("expected memory", second.End.Failure, StringComparison.Ordinal);
        Finish(live);
        Assert.Equal(LiveEndReason.Length, first.End!.Reason);
        Assert.Equal(first.Answer, third.Answer);
    }

    [Fact]
    public void Rows_that_make_no_sense_are_refused_before_they_meet_others()
    {
        var stream = RandomStream.Named(1, "x");
        var elsewhere = new Dictionary<string, LowRankFactors> { ["model.layers.9.mlp.up_proj"] = new(zeros(1, 2), zeros(2, 1), 1) };
        var misshapen = new Dictionary<string, LowRankFactors> { [model.Sites[0].Name] = new(zeros(1, 2), zeros(2, 1), 1) };

        Assert.Throws<DitException>(() => new LiveRow(model, [], Greedy, stream));
        Assert.Throws<DitException>(() => new LiveRow(model, [50], Greedy, stream));
        Assert.Throws<DitException>(() => new LiveRow(model, new int[TinyDecoder.Config.MaxPositions], Greedy, stream));
        Assert.Throws<DitException>(() => new LiveRow(model, [1], Greedy with { Temperature = -1 }, stream));
        Assert.Throws<DitException>(() => new LiveRow(model, [1], Greedy with { Contrast = new Contrast() }, stream));
        Assert.Throws<DitException>(() => new LiveRow(model, [1], Greedy, stream, strength: double.NaN));
        Assert.StartsWith("model.layers.9.mlp.up_proj", Assert.Throws<DitException>(() => new LiveRow(model, [1], Greedy, stream, elsewhere)).Message, StringComparison.Ordinal);
        Assert.StartsWith(model.Sites[0].Name, Assert.Throws<DitException>(() => new LiveRow(model, [1], Greedy, stream, adapter: misshapen)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_of_no_tokens_is_over_at_once()
    {
        using var live = new LiveGeneration(model, Ends);
        var row = new LiveRow(model, [1], Greedy with { MaxNewTokens = 0 }, RandomStream.Named(1, "x"));

        Assert.Equal(1, live.Add([row], Plenty));

        Assert.Equal(new LiveEnd(LiveEndReason.Length), row.End);
        Assert.Equal(0, live.Count);
    }

    [Fact]
    public void Rows_that_come_and_go_leave_nothing_behind()
    {
        var adapter = Factors(50, 2);
        var diffs = Enumerable.Range(0, 5).Select(number => Factors(number, 1 + number)).ToArray();
        Round();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Round();
        Round();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Round()
        {
            using var live = new LiveGeneration(model, Ends);
            for (var number = 0; number < 40; number++)
            {
                live.Add([new Asked(TinyDecoder.Prompt(1 + (number % 9), number), Greedy, diffs[number % 5], 1, number % 2 == 0 ? adapter : null, number).Row(model)], Plenty);
                live.Pass();
            }
        }
    }

    private static void Finish(LiveGeneration live)
    {
        while (live.Count > 0)
        {
            live.Pass();
        }
    }

    private Dictionary<string, LowRankFactors> Factors(int seed, int rank, string only = "")
    {
        using var random = new torch.Generator((ulong)seed + 20);
        return model.Sites.Where(site => site.Name.Contains(only, StringComparison.Ordinal)).ToDictionary(
            site => site.Name,
            site => new LowRankFactors(randn([rank, site.InFeatures], generator: random).Times(0.2), randn([site.OutFeatures, rank], generator: random).Times(0.2), 0.3 + (0.1 * (seed % 4))),
            StringComparer.Ordinal);
    }

    /// <summary>What is asked in a row.</summary>
    private sealed record Asked(
        int[] Prompt, GenerationSettings Settings, Dictionary<string, LowRankFactors>? Diff, double Strength, Dictionary<string, LowRankFactors>? Adapter, int Number)
    {
        public LiveRow Row(Decoder model) => new(model, Prompt, Settings, RandomStream.Named(9, $"{Number}"), Diff, Strength, Adapter);

        public int[] Alone(Decoder model)
        {
            var overlays = Overlays.None;
            if (Diff is not null)
            {
                overlays = overlays.With(Shared(Diff, Strength));
            }

            if (Adapter is not null)
            {
                overlays = overlays.With(Shared(Adapter, 1));
            }

            return Generator.Generate(model, [Prompt], Settings, Ends, overlays, [RandomStream.Named(9, $"{Number}")])[0];
        }

        private static Dictionary<string, ISiteOverlay> Shared(Dictionary<string, LowRankFactors> factors, double strength) => factors.ToDictionary(
            site => site.Key, site => (ISiteOverlay)new SharedLowRank(site.Value.A, site.Value.B, site.Value.Scaling * strength), StringComparer.Ordinal);
    }
}
