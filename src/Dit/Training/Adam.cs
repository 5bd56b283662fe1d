using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>Settings of <see cref="Adam"/>; the defaults are PyTorch's.</summary>
/// <param name="Beta1">Decay of the mean of gradients.</param>
/// <param name="Beta2">Decay of the mean of squared gradients.</param>
/// <param name="Epsilon">Added to the root of the squared mean.</param>
/// <param name="WeightDecay">Decoupled decay (AdamW); 0 is plain Adam.</param>
public sealed record AdamSettings(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8, double WeightDecay = 0);

/// <summary>
/// Adam (Kingma and Ba 2014) and, with weight decay, AdamW (Loshchilov and Hutter 2017) over named tensors. Gradients, means and squares of all
/// parameters lie one behind the other, so that a step is a few operations over all of them, however many there are. Written here because its state
/// has to be saved and restored to the bit, as plain named tensors.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly SortedDictionary<string, Slot> slots = new(StringComparer.Ordinal);
    private readonly AdamSettings settings;
    private readonly Tensor gradients, means, squares;

    /// <summary>Creates the optimizer; the parameters stay the caller's, gradients and state are the optimizer's.</summary>
    /// <param name="parameters">At least one; all of one type, on one device.</param>
    /// <param name="settings">Decays.</param>
    public Adam(IEnumerable<KeyValuePair<string, Tensor>> parameters, AdamSettings settings)
    {
        this.settings = settings;
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        KeyValuePair<string, Tensor>[] all = [.. parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal)];
        var (type, device, count) = (all[0].Value.dtype, all[0].Value.device, all.Sum(parameter => parameter.Value.numel()));
        (gradients, means, squares) = (Zeros(), Zeros(), Zeros());
        var start = 0L;
        foreach (var (name, parameter) in all)
        {
            slots.Add(name, new Slot(parameter, Part(gradients), Part(means), Part(squares)));
            start += parameter.numel();

            Tensor Part(Tensor whole) => whole.narrow(0, start, parameter.numel()).view(parameter.shape).DetachFromDisposeScope();
        }

        Tensor Zeros() => zeros([count], type, device).DetachFromDisposeScope();
    }

    /// <summary>Steps done so far.</summary>
    public int StepCount { get; private set; }

    /// <summary>All gradients one behind the other, [numbers of all parameters]: what is added to them is what the next step goes along.</summary>
    public Tensor Gradients => gradients;

    /// <summary>Where a parameter's gradient is added to, of its shape.</summary>
    public Tensor Gradient(string name) => slots[name].Gradient;

    /// <summary>The same, or null where there is no parameter of this name.</summary>
    public Tensor? FindGradient(string name) => slots.TryGetValue(name, out var slot) ? slot.Gradient : null;

    /// <summary>Moves every parameter along the gradients that were added since the last step, and forgets these.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    public void Step(double learningRate)
    {
        StepCount++;
        var meanCorrection = 1 - Math.Pow(settings.Beta1, StepCount);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(settings.Beta2, StepCount));
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        means.Times_(settings.Beta1).Plus_(gradients, 1 - settings.Beta1);
        squares.Times_(settings.Beta2).PlusProduct_(gradients, gradients, 1 - settings.Beta2);
        // In the gradients' place, which are used up.
        gradients.copy_(squares).sqrt_().DividedBy_(squareCorrection).Plus_(settings.Epsilon).reciprocal_().mul_(means);
        foreach (var (parameter, move, _, _) in slots.Values)
        {
            if (settings.WeightDecay != 0)
            {
                parameter.Times_(1 - (learningRate * settings.WeightDecay));
            }

            parameter.Plus_(move, -learningRate / meanCorrection);
        }

        gradients.zero_();
    }

    /// <summary>Scales all gradients so that their joint norm is at most <paramref name="limit"/>.</summary>
    public void ClipGradients(double limit)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var norm = gradients.norm().item<float>();
        if (norm > limit)
        {
            gradients.Times_(limit / (norm + 1e-6));
        }
    }

    /// <summary>The state as named tensors, for a checkpoint: <c>mean.NAME</c> and <c>square.NAME</c>.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State() => slots.SelectMany(slot => new[]
    {
        KeyValuePair.Create("mean." + slot.Key, slot.Value.Mean), KeyValuePair.Create("square." + slot.Key, slot.Value.Square),
    });

    /// <summary>Goes on from a saved state.</summary>
    /// <param name="stepCount">Steps done when the state was saved.</param>
    /// <param name="load">Gives the tensor of a name of <see cref="State"/>.</param>
    public void Restore(int stepCount, Func<string, Tensor> load)
    {
        StepCount = stepCount;
        using var untracked = no_grad();
        foreach (var (name, slot) in slots)
        {
            using var savedMean = load("mean." + name);
            using var savedSquare = load("square." + name);
            slot.Mean.copy_(savedMean);
            slot.Square.copy_(savedSquare);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (_, gradient, mean, square) in slots.Values)
        {
            gradient.Dispose();
            mean.Dispose();
            square.Dispose();
        }

        gradients.Dispose();
        means.Dispose();
        squares.Dispose();
    }

    private sealed record Slot(Tensor Parameter, Tensor Gradient, Tensor Mean, Tensor Square);
}
