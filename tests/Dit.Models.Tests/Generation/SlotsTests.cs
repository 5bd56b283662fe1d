using Dit.Models.Decoding;
using Dit.Models.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>More prompts than slots: waiting ones take the place of those that are answered.</summary>
public sealed class SlotsTests : IDisposable
{
    private const int Rows = 17;

    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 14);
    private static readonly GenerationSettings Drawn = Greedy with { Temperature = 1.3, TopP = 0.9 };
    private static readonly int[] Ends = [3, 9, 14, 22, 31, 38, 45];

    private readonly IDisposable scope = NewDisposeScope();
    private readonly Decoder model = TinyDecoder.Create();
    // Long ones among short ones, so that a slot is left by a longer text than the next.
    private readonly int[][] prompts = [.. Enumerable.Range(0, Rows).Select(row => TinyDecoder.Prompt(row % 4 == 0 ? 70 + row : 1 + (row * 5 % 7), row))];
    private readonly Overlays overlays;

    public SlotsTests() => overlays = Overlays.None.With(TinyDecoder.RowFactors(model, Rows));

    public void Dispose()
    {
        model.Dispose();
        scope.Dispose();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(8, false)]
    [InlineData(Rows, false)]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(8, true)]
    [InlineData(Rows, true)]
    public void Rows_answer_as_they_do_alone_whatever_the_number_of_slots(int slots, bool drawn)
    {
        var settings = drawn ? Drawn : Greedy;

        var together = Answers(settings, slots);

        for (var row = 0; row < Rows; row++)
        {
            Assert.Equal(Generator.Generate(model, [prompts[row]], settings, Ends, Own(row), [Stream(row)])[0], together[row]);
        }

        Assert.Equal(together, Answers(settings, slots));
        Assert.True(together.Select(answer => answer.Length).Distinct().Count() > 4);
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("mistral")]
    public void The_same_holds_with_windows_narrower_than_the_texts(string family)
    {
        using var other = TinyDecoder.Create(TinyDecoder.Families[family]);

        Assert.Equal(
            Generator.Generate(other, prompts, Greedy, Ends, overlays), Generator.Generate(other, prompts, Greedy, Ends, overlays, slots: 4));
    }

    [Fact]
    public void What_a_row_leaves_in_its_slot_is_never_seen_even_where_it_is_no_number()
    {
        var factors = TinyDecoder.RowFactors(model, Rows);
        var expected = Generator.Generate(model, prompts, Greedy, Ends, Overlays.None.With(factors));
        foreach (var row in new[] { 0, 2, 8 })
        {
            foreach (var pair in factors.Values)
            {
                pair.B[row].Fill_(float.NaN);
            }

            expected[row] = [];
        }

        foreach (var slots in new[] { 1, 2, 5 })
        {
            Assert.Equal(expected, Generator.Generate(model, prompts, Greedy with { EndsWhereNotFinite = true }, Ends, Overlays.None.With(factors), slots: slots));
        }
    }

    [Fact]
    public void Contrasted_answers_do_not_depend_on_the_slots_either()
    {
        var settings = Greedy with { Contrast = new Contrast() };

        Assert.Equal(Answers(settings, Rows), Answers(settings, 3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Samples_of_a_prompt_are_those_it_gives_alone(int slots)
    {
        // Two additions, two prompts of each, seven samples of each of these, all mixed.
        var which = Enumerable.Range(0, 28).Select(sample => sample % 4).ToArray();
        var numbers = which.Select(number => number / 2).ToArray();
        var asked = which.Select(number => prompts[number == 3 ? 0 : number]).ToArray();
        RandomStream[] Streams() => [.. asked.Select((_, sample) => Stream(sample))];

        var shared = Generator.Generate(model, asked, Drawn, Ends, new PromptOverlays(numbers, Of), Streams(), slots: slots);

        for (var sample = 0; sample < asked.Length; sample++)
        {
            Assert.Equal(Generator.Generate(model, [asked[sample]], Drawn, Ends, Of([numbers[sample]]), [Stream(sample)])[0], shared[sample]);
        }

        Overlays Of(IReadOnlyList<int> rows) => overlays.SelectRows(tensor(rows.Select(row => (long)row).ToArray()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gemma3")]
    public void A_common_beginning_of_all_prompts_changes_nothing(string? family)
    {
        using var other = TinyDecoder.Create(family is null ? null : TinyDecoder.Families[family]);
        int[][] begun = [.. Enumerable.Range(0, 12).Select(row => (int[])[.. TinyDecoder.Prompt(60, 1), .. TinyDecoder.Prompt(row % 5, row)])];
        var settings = Greedy with { Contrast = family is null ? new Contrast() : null };
        var shared = Overlays.None.With(model.Sites.ToDictionary(
            site => site.Name, site => (ISiteOverlay)new SharedLowRank(Arithmetic.Full([2, site.InFeatures], 0.02), Arithmetic.Full([site.OutFeatures, 2], 0.03), 1), StringComparer.Ordinal));

        foreach (var slots in new[] { 7, 12 })
        {
            var together = Generator.Generate(other, begun, settings, Ends, shared, slots: slots);
            Assert.Equal(begun.Select(prompt => Generator.Generate(other, [prompt], settings, Ends, shared)[0]), together);
        }
    }

    [Fact]
    public void A_row_is_named_wherever_its_slot_is()
    {
        var factors = TinyDecoder.RowFactors(model, Rows);
        foreach (var pair in factors.Values)
        {
            pair.B[12].Fill_(float.NaN);
        }

        var error = Assert.Throws<DitException>(() => Generator.Generate(
            model, prompts, Greedy, Ends, Overlays.None.With(factors), names: [.. prompts.Select((_, row) => $"row {row}")], slots: 3));

        Assert.StartsWith("row 12: expected finite scores", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replaced_rows_leave_nothing_behind()
    {
        // Once before, as the tables of positions are made by the first texts.
        Answers(Greedy, 2);
        var (before, counts) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, new List<long>());

        Generator.Generate(model, prompts, Greedy, Ends, new PromptOverlays([.. Enumerable.Range(0, Rows)], Of), slots: 2);

        Assert.True(counts.Count > 8);
        // While the last slot empties there may be fewer, never more.
        Assert.Equal(counts[0], counts.Max());
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        Overlays Of(IReadOnlyList<int> rows)
        {
            counts.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            return overlays.SelectRows(tensor(rows.Select(row => (long)row).ToArray()));
        }
    }

    [Fact]
    public void It_stops_before_the_next_pass()
    {
        using var stop = new CancellationTokenSource();
        var calls = 0;

        Assert.Throws<OperationCanceledException>(() => Generator.Generate(model, prompts, Greedy, [], new PromptOverlays([.. prompts.Select(_ => 0)], Of), slots: 2, cancellation: stop.Token));

        Assert.Equal(2, calls);

        Overlays Of(IReadOnlyList<int> rows)
        {
            if (++calls == 2)
            {
                stop.Cancel();
            }

            return Overlays.None;
        }
    }

    [Fact]
    public void Numbers_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Generator.Generate(model, prompts, Greedy, [], slots: 0));
        Assert.Throws<ArgumentException>(() => Generator.Generate(model, prompts, Greedy, [], new PromptOverlays([0], _ => Overlays.None)));
        Assert.Throws<DitException>(() => Generator.Generate(model, prompts[1..], Greedy, [], overlays, slots: 2));
    }

    private int[][] Answers(GenerationSettings settings, int slots) =>
        Generator.Generate(model, prompts, settings, Ends, overlays, [.. prompts.Select((_, row) => Stream(row))], slots: slots);

    private Overlays Own(int row) => overlays.SelectRows(tensor(new long[] { row }));

    private static RandomStream Stream(int row) => RandomStream.Named(9, $"{row}");
}
