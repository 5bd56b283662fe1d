using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>What the base says at the positions of a batch.</summary>
/// <param name="model">The base.</param>
/// <param name="hidden">Its final hidden states at the distinct ones, [D,H].</param>
/// <param name="places">Of every position, which of these it is.</param>
internal sealed class TeacherAnswers(Decoder model, Tensor hidden, long[] places)
{
    /// <summary>Log-probabilities [count,V] at some of the positions; equal ones are computed once. The caller's to change.</summary>
    public Tensor LogProbabilities(long from, long count)
    {
        var here = places.AsSpan((int)from, (int)count).ToArray();
        long[] distinct = [.. here.Distinct()];
        var all = nn.functional.log_softmax(model.Logits(hidden.index_select(0, tensor(distinct, device: model.Device))), 1);
        if (distinct.Length == here.Length)
        {
            return all;
        }

        var order = distinct.Select((place, i) => (place, i)).ToDictionary(pair => pair.place, pair => (long)pair.i);
        return all.index_select(0, tensor(here.Select(place => order[place]).ToArray(), device: model.Device));
    }
}
