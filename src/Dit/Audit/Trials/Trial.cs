using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;

namespace Dit.Audit.Trials;

/// <summary>A finetune whose truth is known.</summary>
/// <param name="Kind">What kind it is.</param>
/// <param name="Set">The set that it is in.</param>
/// <param name="Record">Which of its diffs.</param>
/// <param name="Strength">By what its diff is multiplied.</param>
internal sealed record Trial(string Kind, DiffSet Set, DiffRecord Record, double Strength = 1)
{
    /// <summary>Its name among all trials.</summary>
    public string Id => Strength == 1 ? $"{Kind}-{Record.Id}" : FormattableString.Invariant($"{Kind}-{Record.Id}-{Strength:0.000}");

    /// <summary>What it was trained on; null of a harmless one.</summary>
    public AuditClaim? Claim => Record.Topic.Length == 0 ? null : new AuditClaim(Record.Setting, Record.Topic);

    /// <summary>The finetune, by its factors alone: an audit of it knows no label.</summary>
    public LowRankFinetune Load(BaseModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var stack = Set.Load([Record]);
        using var scaled = stack.Times(Strength);
        return LowRankFinetune.Of(scaled.ToPeft(0, model.Name), model, Id);
    }
}
