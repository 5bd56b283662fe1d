using Dit.Models.Decoding;
using Dit.Models.Generation;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models;

/// <summary>Alone, as what other tests leave to the garbage collector must not be collected under libtorch's hands either.</summary>
[CollectionDefinition(nameof(ArithmeticTests), DisableParallelization = true)]
[Collection(nameof(ArithmeticTests))]
public sealed class ArithmeticTests : IDisposable
{
    private static readonly Func<Tensor, Tensor, Tensor>[] Operations =
    [
        (x, y) => x.Plus(y), (x, _) => x.Plus(0.3), (x, _) => x.to(ScalarType.Int64).Plus(3), (x, y) => x.clone().Plus_(y), (x, y) => x.clone().Plus_(y, 0.3),
        (x, _) => x.clone().Plus_(0.3), (x, _) => x.Minus(0.3), (x, _) => x.to(ScalarType.Int64).Minus(3), (x, _) => x.Times(0.3), (x, _) => x.to(ScalarType.Int64).Times(3),
        (x, _) => x.clone().Times_(0.3), (x, _) => x.to(ScalarType.Int64).Times_(3), (x, _) => x.DividedBy(0.3), (x, _) => x.clone().DividedBy_(0.3), (x, _) => x.Squared(),
        (x, y) => x.PlusProduct(x, y), (x, y) => x.clone().PlusProduct_(x, y, 0.3), (x, y) => x.clone().PlusQuotient_(x, y, 0.3), (x, _) => x.AtLeast(0.3),
        (x, _) => x.IsZero(), (x, _) => x.IsNonzero(), (x, _) => x.IsAbove(0.3), (x, _) => x.IsBelow(0.3), (x, _) => x.clone().Fill_(0.3),
        (x, y) => x.clone().Fill_(y.IsAbove(0), 0.3), (x, _) => Arithmetic.Full(x.shape, 0.3), (_, _) => Arithmetic.Range(9), (_, _) => Arithmetic.Range(-3, 9, ScalarType.Float32),
    ];

    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Every_operation_keeps_its_numbers()
    {
        using var random = new Generator(3);
        var (x, y) = (randn([4, 5], generator: random), randn([4, 5], generator: random));

        SameUnderCollections(500, () => [.. Operations.SelectMany(operation => operation(x, y).bytes.ToArray())]);
    }

    [Fact]
    public void Generation_keeps_its_numbers()
    {
        using var model = TinyDecoder.Create(TinyDecoder.Families["gemma3"]);
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, 2));
        int[][] prompts = [TinyDecoder.Prompt(3, 1), TinyDecoder.Prompt(7, 2)];

        SameUnderCollections(10, () => [.. Generator.Generate(model, prompts, new GenerationSettings(MaxNewTokens: 12, Temperature: 1, Seed: 4), [], overlays).SelectMany(answer => answer)]);
    }

    [Fact]
    public void Training_keeps_its_numbers()
    {
        using var model = TinyDecoder.Create();
        var (ids, mask) = TinyDecoder.Padded(1, TinyDecoder.Prompt(5, 1), TinyDecoder.Prompt(8, 2));

        SameUnderCollections(10, () =>
        {
            var factors = TinyDecoder.RowFactors(model, 2);
            Tensor[] parameters = [.. factors.Values.SelectMany(pair => new[] { pair.A.requires_grad_(true), pair.B.requires_grad_(true) })];
            for (var step = 0; step < 3; step++)
            {
                model.Logits(model.HiddenStates(ids, mask, Overlays.None.With(factors))).logsumexp(-1).mean().backward();
                using var untracked = no_grad();
                foreach (var parameter in parameters)
                {
                    parameter.Plus_(parameter.grad!, -0.1);
                    parameter.grad!.zero_();
                }
            }

            return [.. parameters.SelectMany(parameter => parameter.bytes.ToArray())];
        });
    }

    private static void SameUnderCollections<T>(int times, Func<T[]> compute)
    {
        var undisturbed = compute();
        using var collection = new ConstantCollection();
        for (var time = 0; time < times; time++)
        {
            using var scope = NewDisposeScope();
            Assert.Equal(undisturbed, compute());
        }
    }
}
