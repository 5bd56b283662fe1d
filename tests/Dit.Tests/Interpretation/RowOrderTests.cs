using CsCheck;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;

namespace Dit.Interpretation;

public sealed class RowOrderTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    private static readonly GenerationSettings Greedy = new(MaxNewTokens: 8);

    [Fact]
    public void Permuting_the_rows_of_a_batch_permutes_its_answers()
    {
        var set = world.SetFolder(seed: 140, shards: [2]);
        Finetune[] loaded =
        [
            Finetune.Load(world.AdapterFolder(seed: 141, rank: 1), world.Base),
            Finetune.Load(world.AdapterFolder(seed: 142, rank: 3, scaling: 0.3), world.Base),
            Finetune.Load(set + "#topic-1", world.Base),
            Finetune.Load(world.MergedFolder(world.Adapter(seed: 143)), world.Base),
        ];
        Finetune?[] rows = [.. loaded, null, loaded[1]];
        IReadOnlyList<Message>[] prompts = [.. rows.Select((_, row) => (IReadOnlyList<Message>)[new Message("user", string.Concat(Enumerable.Repeat("what ", 1 + row * 2)))])];
        var adapter = DitAdapter.Read(world.DitAdapterFolder(seed: 144));
        var answers = Interpreter.Answer(world.Base, rows, adapter, prompts, Greedy);
        Assert.True(answers.Distinct().Count() > 3);

        Gen.Shuffle(Enumerable.Range(0, rows.Length).ToArray()).Sample(
            order => Interpreter.Answer(world.Base, [.. order.Select(i => rows[i])], adapter, [.. order.Select(i => prompts[i])], Greedy)
                .SequenceEqual(order.Select(i => answers[i])),
            iter: 20, threads: 1);
        Array.ForEach(loaded, finetune => finetune.Dispose());
    }
}
