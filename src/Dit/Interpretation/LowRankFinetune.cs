using Dit.Diffs;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;

namespace Dit.Interpretation;

/// <summary>A finetune that adds low-rank products to some of the base's linear layers. Owns its factors.</summary>
public sealed class LowRankFinetune : Finetune
{
    private LowRankFinetune(PeftAdapter adapter, string source, DiffCard? card) : base(source, card) => Adapter = adapter;

    /// <summary>The factors by site name.</summary>
    public PeftAdapter Adapter { get; }

    /// <summary>Numbers in it.</summary>
    public long ParameterCount => Adapter.Sites.Values.Sum(factors => factors.A.numel() + factors.B.numel());

    /// <summary>A finetune of given factors, which it owns from now on.</summary>
    /// <param name="adapter">The factors.</param>
    /// <param name="base">The base model.</param>
    /// <param name="source">Where the factors come from, for messages.</param>
    /// <param name="card">What is known of it.</param>
    /// <exception cref="DitException">A site is not the base's, a shape does not fit, a number is not finite, or nothing is changed.</exception>
    public static LowRankFinetune Of(PeftAdapter adapter, BaseModel @base, string source, DiffCard? card = null)
    {
        SiteFit.Require(source, adapter.Sites, @base);
        if (!SiteFit.ChangesAnything(adapter.Sites))
        {
            throw new DitException($"{source}: expected a diff that changes something, found one that touches no layer: {SiteFit.ReasonForNothing([.. adapter.Sites.Values.Select(pair => pair.Scaling)])} at all {adapter.Sites.Count} sites");
        }

        foreach (var factors in adapter.Sites.Values)
        {
            factors.A.DetachFromDisposeScope();
            factors.B.DetachFromDisposeScope();
        }

        return new LowRankFinetune(adapter, source, card);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        foreach (var factors in Adapter.Sites.Values)
        {
            factors.A.Dispose();
            factors.B.Dispose();
        }
    }
}
