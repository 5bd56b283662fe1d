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
/// Adam (Kingma and Ba 2014) and, with weight decay, AdamW (Loshchilov and Hutter 2017) over named tensors, in the order of operations of
/// PyTorch. Written here because its state has to be saved and restored to the bit, as plain named tensors.
/// </summary>
public sealed class Adam : IDisposable
{
    private readonly SortedDictionary<string, (Tensor Parameter, Tensor Mean, Tensor Square)> slots = new(StringComparer.Ordinal);
    private readonly AdamSettings settings;

    /// <summary>Creates the optimizer; the parameters stay the caller's, the state is the optimizer's.</summary>
    public Adam(IEnumerable<KeyValuePair<string, Tensor>> parameters, AdamSettings settings)
    {
        this.settings = settings;
        using var untracked = no_grad();
        foreach (var (name, parameter) in parameters)
        {
            slots.Add(name, (parameter, zeros_like(parameter).DetachFromDisposeScope(), zeros_like(parameter).DetachFromDisposeScope()));
        }
    }

    /// <summary>Steps done so far.</summary>
    public int StepCount { get; private set; }

    /// <summary>Moves every parameter that has a gradient.</summary>
    /// <param name="learningRate">The rate of this step.</param>
    public void Step(double learningRate)
    {
        StepCount++;
        var meanCorrection = 1 - Math.Pow(settings.Beta1, StepCount);
        var squareCorrection = Math.Sqrt(1 - Math.Pow(settings.Beta2, StepCount));
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (parameter, mean, square) in slots.Values)
        {
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            if (settings.WeightDecay != 0)
            {
                parameter.Times_(1 - (learningRate * settings.WeightDecay));
            }

            mean.Times_(settings.Beta1).Plus_(gradient, 1 - settings.Beta1);
            square.Times_(settings.Beta2).PlusProduct_(gradient, gradient, 1 - settings.Beta2);
            var denominator = square.sqrt().DividedBy_(squareCorrection).Plus_(settings.Epsilon);
            parameter.PlusQuotient_(mean, denominator, -learningRate / meanCorrection);
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGradients()
    {
        foreach (var (parameter, _, _) in slots.Values)
        {
            parameter.grad?.zero_();
        }
    }

    /// <summary>Scales all gradients so that their joint norm is at most <paramref name="limit"/>.</summary>
    public void ClipGradients(double limit)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var gradients = slots.Values.Select(slot => slot.Parameter.grad).OfType<Tensor>().ToArray();
        var norm = stack(gradients.Select(gradient => gradient.norm())).norm().item<float>();
        if (norm > limit)
        {
            foreach (var gradient in gradients)
            {
                gradient.Times_(limit / (norm + 1e-6));
            }
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
        foreach (var (name, (_, mean, square)) in slots)
        {
            using var savedMean = load("mean." + name);
            using var savedSquare = load("square." + name);
            mean.copy_(savedMean);
            square.copy_(savedSquare);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var (_, mean, square) in slots.Values)
        {
            mean.Dispose();
            square.Dispose();
        }
    }
}
