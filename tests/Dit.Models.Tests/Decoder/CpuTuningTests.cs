using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

// It changes the whole process, so it waits until the tests that run side by side are done.
[CollectionDefinition(nameof(CpuTuning), DisableParallelization = true)]
[Collection(nameof(CpuTuning))]
public class CpuTuningTests
{
    [Fact]
    public void Products_keep_their_full_precision_and_the_decoder_its_results()
    {
        using var scope = NewDisposeScope();
        using var model = TinyDecoder.Create();
        var ids = TinyDecoder.Ids(TinyDecoder.Prompt(40, 1), TinyDecoder.Prompt(40, 2));
        var before = model.HiddenStates(ids);

        CpuTuning.Apply();
        CpuTuning.Apply();

        GoldenModel.AssertClose(before, model.HiddenStates(ids), 2e-5, 2e-5);
        var (a, b) = (randn(200, 300), randn(300, 100));
        var exact = a.to(ScalarType.Float64).mm(b.to(ScalarType.Float64)).to(ScalarType.Float32);
        GoldenModel.AssertClose(exact, a.mm(b), 1e-4, 1e-5);
    }
}
