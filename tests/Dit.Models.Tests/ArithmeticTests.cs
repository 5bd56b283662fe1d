using System.Security.Cryptography;
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
        (x, y) => x.Plus(y), (x, _) => x.Plus(0.3), (_, y) => y.Plus(3), (x, y) => x.clone().Plus_(y), (x, y) => x.clone().Plus_(y, 0.3), (x, _) => x.clone().Plus_(0.3),
        (x, _) => x.Minus(0.3), (_, y) => y.Minus(3), (x, _) => x.Times(0.3), (_, y) => y.Times(3), (x, _) => x.clone().Times_(0.3), (_, y) => y.clone().Times_(3),
        (x, _) => x.DividedBy(0.3), (x, _) => x.clone().DividedBy_(0.3), (x, _) => x.Squared(), (x, y) => x.PlusProduct(x, y), (x, y) => x.clone().PlusProduct_(x, y, 0.3),
        (x, y) => x.clone().PlusQuotient_(x, y, 0.3), (x, _) => x.AtLeast(0.3), (_, y) => y.IsZero(), (_, y) => y.IsNonzero(), (x, _) => x.IsAbove(0.3), (x, _) => x.IsBelow(0.3),
        (x, _) => x.clone().Fill_(0.3), (x, y) => x.clone().Fill_(y.IsZero(), 0.3), (x, _) => Arithmetic.Full(x.shape, 0.3), (_, _) => Arithmetic.Range(99),
        (_, _) => Arithmetic.Range(-3, 99, ScalarType.Float32),
    ];

    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Every_operation_keeps_its_numbers()
    {
        // Many and of two types: libtorch converts the ones before it reads a number, which takes longer than a collection.
        var x = Arithmetic.Range(1_000_000, ScalarType.Float32).sin();
        var y = x.Times(5).to(ScalarType.Int64);

        SameUnderCollections(3, () => [.. Operations.Select(operation => Bits(operation(x, y)))]);
    }

    [Fact]
    public void Generation_keeps_its_numbers()
    {
        using var model = TinyDecoder.Create(TinyDecoder.Families["gemma3"] with { LayerCount = 1, SlidingLayers = new LayerSet([0]) });
        var overlays = Overlays.None.With(TinyDecoder.RowFactors(model, 2));
        int[][] prompts = [TinyDecoder.Prompt(3, 1), TinyDecoder.Prompt(7, 2)];
        var settings = new GenerationSettings(MaxNewTokens: 5, Temperature: 1, Seed: 4);

        SameUnderCollections(1, () => [.. Generation.Generator.Generate(model, prompts, settings, [], overlays).Select(answer => string.Join(' ', answer))]);
    }

    [Fact]
    public void Training_keeps_its_numbers()
    {
        using var model = TinyDecoder.Create(TinyDecoder.Config with { LayerCount = 1 });
        var (ids, mask) = TinyDecoder.Padded(1, TinyDecoder.Prompt(5, 1), TinyDecoder.Prompt(8, 2));

        SameUnderCollections(1, () =>
        {
            var factors = TinyDecoder.RowFactors(model, 2);
            Tensor[] parameters = [.. factors.Values.SelectMany(pair => new[] { pair.A.requires_grad_(true), pair.B.requires_grad_(true) })];
            model.Logits(model.HiddenStates(ids, mask, Overlays.None.With(factors))).logsumexp(-1).mean().backward();
            using var untracked = no_grad();
            return [.. parameters.Select(parameter => Bits(parameter.Plus_(parameter.grad!, -0.1)))];
        });
    }

    private static string Bits(Tensor tensor) => Convert.ToHexString(SHA256.HashData(tensor.bytes));

    private static void SameUnderCollections(int times, Func<string[]> compute)
    {
        var undisturbed = compute();
        using var collection = new ConstantCollection();
        for (var time = 0; time < times; time++)
        {
            using var inner = NewDisposeScope();
            Assert.Equal(undisturbed, compute());
        }
    }
}
