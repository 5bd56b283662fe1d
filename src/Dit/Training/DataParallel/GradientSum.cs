using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training.DataParallel;

/// <summary>Adds up the gradients of all ranks once a step, with the loss, in one flat buffer: one long message is faster than many short ones.</summary>
internal sealed class GradientSum : IDisposable
{
    private readonly ICommunicator ranks;
    private readonly Tensor[] parameters;
    private readonly Tensor flat;

    public GradientSum(ICommunicator ranks, IReadOnlyDictionary<string, Tensor> parameters)
    {
        this.ranks = ranks;
        this.parameters = [.. parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal).Select(parameter => parameter.Value)];
        flat = zeros(this.parameters.Sum(parameter => parameter.numel()) + 1, ScalarType.Float32).DetachFromDisposeScope();
    }

    /// <summary>Puts the sum of all ranks' gradients in the place of this one's.</summary>
    /// <param name="loss">This rank's part of the loss.</param>
    /// <returns>The sum of all parts.</returns>
    public double Add(double loss)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, place) in Places())
        {
            // Without rows of its own a rank has no gradients, and adds nothing.
            place.copy_(parameter.grad ?? zeros_like(parameter));
        }

        var numbers = MemoryMarshal.Cast<byte, float>(flat.bytes);
        numbers[^1] = (float)loss;
        ranks.Sum(numbers);
        foreach (var (parameter, place) in Places())
        {
            if (parameter.grad is { } gradient)
            {
                gradient.copy_(place);
            }
            else
            {
                parameter.grad = place.to(parameter.device, copy: true).DetachFromDisposeScope();
            }
        }

        return numbers[^1];
    }

    /// <inheritdoc />
    public void Dispose() => flat.Dispose();

    private IEnumerable<(Tensor Parameter, Tensor Place)> Places()
    {
        var first = 0L;
        foreach (var parameter in parameters)
        {
            yield return (parameter, flat.narrow(0, first, parameter.numel()).view(parameter.shape));
            first += parameter.numel();
        }
    }
}
