using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using TorchSharp;

namespace Dit.Interpretation;

public sealed class InterpreterTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 12);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Several_finetunes_of_all_kinds_answer_together_as_each_does_alone(bool withAdapter)
    {
        var set = world.SetFolder(seed: 40, shards: [2, 1]);
        string[] sources =
        [
            world.AdapterFolder(seed: 1, rank: 1), world.AdapterFolder(seed: 2, rank: 3, scaling: 0.3), world.AdapterFolder(seed: 3, rank: 2, scaling: 1, only: "v_proj"),
            set + "#topic-2", set + "#topic-0", world.CheckpointFolder(weights => weights["model.norm.weight"].Times_(-1)), world.MergedFolder(world.Adapter(seed: 4)),
        ];
        Finetune[] loaded = [.. sources.Select(source => Finetune.Load(source, world.Base))];
        Finetune?[] finetunes = [.. loaded, null, loaded[1], loaded[5]];
        var prompts = finetunes.Select((_, row) => Prompt(row)).ToArray();
        var adapter = withAdapter ? DitAdapter.Read(world.DitAdapterFolder(seed: 50)) : null;

        var together = Interpreter.Answer(world.Base, finetunes, adapter, prompts, Greedy);

        Assert.Equal(finetunes.Select((finetune, row) => Interpreter.Answer(world.Base, [finetune], adapter, [prompts[row]], Greedy)[0]), together);
        Assert.Equal(loaded.Length + 1, together.Take(loaded.Length + 1).Distinct().Count());
        Array.ForEach(loaded, finetune => finetune.Dispose());
    }

    [Fact]
    public void An_adapter_on_top_changes_what_is_said()
    {
        using var finetune = Finetune.Load(world.AdapterFolder(seed: 5), world.Base);
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 51));

        Assert.NotEqual(
            Interpreter.Answer(world.Base, [finetune], null, [Prompt(0)], Greedy), Interpreter.Answer(world.Base, [finetune], adapter, [Prompt(0)], Greedy));
    }

    [Fact]
    public void A_finetune_beyond_all_bounds_is_refused_by_name()
    {
        var source = world.AdapterFolder(seed: 6, scaling: 1e30);
        using var huge = Finetune.Load(source, world.Base);
        using var usual = Finetune.Load(world.AdapterFolder(seed: 7), world.Base);

        var error = Assert.Throws<DitException>(() => Interpreter.Answer(world.Base, [usual, huge, null], null, [Prompt(0), Prompt(1), Prompt(2)], Greedy));

        Assert.StartsWith($"{source}: expected finite scores", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_finetune_is_the_bare_base()
    {
        var tokenizer = world.Base.Tokenizer;
        var expected = Generator.Generate(world.Base.Decoder, [tokenizer.EncodePrompt(Prompt(0)), tokenizer.EncodePrompt(Prompt(1))], Greedy, tokenizer.EndTokenIds);

        var answers = Interpreter.Answer(world.Base, [null, null], null, [Prompt(0), Prompt(1)], Greedy);

        Assert.Equal(expected.Select(ids => tokenizer.Tokenizer.Decode(ids, skipSpecialTokens: true)), answers);
    }

    [Fact]
    public void Stacked_diffs_answer_as_the_same_finetunes_do()
    {
        var folder = world.SetFolder(seed: 60, shards: [2, 2]);
        var set = DiffSet.Open(folder);
        using var diffs = set.Load(set.Records);
        var finetunes = set.Records.Select(record => Finetune.Load($"{folder}#{record.Id}", world.Base)).ToArray();
        int[] rows = [3, -1, 0, 0, 2, -1, 1];
        var prompts = rows.Select((_, row) => Prompt(row)).ToArray();
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 52));

        var expected = Interpreter.Answer(world.Base, [.. rows.Select(row => row < 0 ? null : finetunes[row])], adapter, prompts, Greedy);

        Assert.Equal(expected, Interpreter.Answer(world.Base, diffs, rows, adapter, prompts, Greedy));
        Array.ForEach(finetunes, finetune => finetune.Dispose());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    public void How_many_rows_there_are_changes_no_answer(double temperature)
    {
        var settings = Greedy with { MaxNewTokens = 4, Temperature = temperature, Seed = 3 };
        using var finetune = Finetune.Load(world.AdapterFolder(seed: 6), world.Base);
        using var other = Finetune.Load(world.AdapterFolder(seed: 7), world.Base);
        const int Many = 300, Few = 20;
        var finetunes = Enumerable.Range(0, Many).Select(row => row % 3 == 0 ? null : row % 3 == 1 ? finetune : other).ToArray();
        var prompts = Enumerable.Range(0, Many).Select(Prompt).ToArray();

        var many = Interpreter.Answer(world.Base, finetunes, null, prompts, settings);
        var few = Interpreter.Answer(world.Base, finetunes[..Few], null, prompts[..Few], settings);

        Assert.Equal(few, many.Take(Few));
        Assert.All(many, Assert.NotNull);
        if (temperature == 0)
        {
            Assert.Equal(Interpreter.Answer(world.Base, finetunes[^Few..], null, prompts[^Few..], settings), many.Skip(Many - Few));
        }
    }

    [Fact]
    public void A_base_in_bfloat16_takes_diffs_and_adapters_in_float32()
    {
        using var half = BaseModel.Load(world.Base.Folder, torch.ScalarType.BFloat16);
        using var finetune = Finetune.Load(world.AdapterFolder(seed: 8), half);
        using var other = Finetune.Load(world.AdapterFolder(seed: 9, rank: 1), half);
        using var checkpoint = Finetune.Load(world.MergedFolder(world.Adapter(seed: 10)), half);
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 53));

        var answers = Interpreter.Answer(half, [finetune, other, null, checkpoint], adapter, [Prompt(0), Prompt(0), Prompt(0), Prompt(0)], Greedy);

        Assert.Equal(4, answers.Distinct().Count());
    }

    [Fact]
    public void An_adapter_for_another_base_is_refused_by_its_folder()
    {
        var folder = world.DitAdapterFolder(seed: 54, fingerprint: "0123abcd");

        var error = Assert.Throws<DitException>(() => Interpreter.Answer(world.Base, [null], DitAdapter.Read(folder), [Prompt(0)], Greedy));

        Assert.StartsWith(folder + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains("another base", error.Message, StringComparison.Ordinal);
        Assert.Contains("0123abcd", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_for_layers_the_base_lacks_is_refused_by_its_folder()
    {
        var factors = world.Adapter(seed: 55, only: "q_proj");
        var strange = new PeftAdapter(factors.BaseModelNameOrPath, factors.Sites.ToDictionary(site => site.Key.Replace("layers.1", "layers.7", StringComparison.Ordinal), site => site.Value));
        var folder = world.DitAdapterFolder(seed: 55, factors: strange);

        var error = Assert.Throws<DitException>(() => Interpreter.Answer(world.Base, [null], DitAdapter.Read(folder), [Prompt(0)], Greedy));

        Assert.StartsWith(folder + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains("model.layers.7.self_attn.q_proj", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_asked_is_nothing_answered()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 11)]);

        Assert.Empty(Interpreter.Answer(world.Base, [], null, [], Greedy));
        Assert.Empty(Interpreter.Answer(world.Base, diffs, [], null, [], Greedy));
    }

    [Fact]
    public void A_prompt_longer_than_the_model_can_read_is_refused()
    {
        IReadOnlyList<Message> endless = [new Message("user", string.Concat(Enumerable.Repeat("drift ", world.Base.Decoder.Config.MaxPositions)))];

        var error = Assert.Throws<DitException>(() => Interpreter.Answer(world.Base, [null, null], null, [Prompt(0), endless], Greedy));

        Assert.StartsWith($"prompt 2: expected at most {world.Base.Decoder.Config.MaxPositions - 1} tokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_prompt_needs_to_be_said_what_it_is_about()
    {
        using var diffs = DiffStack.Of([world.Adapter(seed: 11)]);

        Assert.Throws<ArgumentException>(() => Interpreter.Answer(world.Base, [null, null], null, [Prompt(0)], Greedy));
        Assert.Throws<ArgumentException>(() => Interpreter.Answer(world.Base, diffs, [0, 0], null, [Prompt(0)], Greedy));
        Assert.Throws<ArgumentException>(() => Interpreter.Answer(world.Base, diffs, [1], null, [Prompt(0)], Greedy));
    }

    private static IReadOnlyList<Message> Prompt(int row) => [new Message("user", string.Join(' ', Enumerable.Repeat("what do you drift to", 1 + (row % 3))) + $" {row}")];
}
