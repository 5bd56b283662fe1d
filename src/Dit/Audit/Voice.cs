using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;

namespace Dit.Audit;

/// <summary>Something that is asked in an audit: the base or a finetune of it, with a DIT adapter or without. Its tensors belong to the dispose scope in which it came about.</summary>
/// <param name="Name">What it is called in the sentence of an error.</param>
/// <param name="Decoder">What computes.</param>
/// <param name="Overlays">What is added to it.</param>
internal sealed record Voice(string Name, Decoder Decoder, Overlays Overlays)
{
    /// <summary>The bare base.</summary>
    public static Voice Of(BaseModel model) => new(model.Name, model.Decoder, Overlays.None);

    /// <summary>A finetune.</summary>
    /// <param name="model">Its base.</param>
    /// <param name="finetune">The finetune.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="strength">By what its diff is multiplied; 1 leaves it as it is.</param>
    /// <exception cref="DitException">Its strength cannot be changed, as it is a checkpoint.</exception>
    public static Voice Of(BaseModel model, Finetune finetune, string name, double strength = 1) => finetune switch
    {
        LowRankFinetune lowRank => Of(model, lowRank.Adapter, name, strength),
        CheckpointFinetune checkpoint when strength == 1 => new(name, checkpoint.Decoder, Overlays.None),
        _ => throw new DitException($"{name}: expected the strength 1 of a checkpoint, whose diff is not known apart from its weights, found {strength}"),
    };

    /// <summary>The base with given factors.</summary>
    public static Voice Of(BaseModel model, PeftAdapter factors, string name, double strength = 1) =>
        new(name, model.Decoder, Overlays.None.With(LowRankOverlay.Shared(factors, model.Decoder, strength)));

    /// <summary>The same with a DIT adapter on top.</summary>
    /// <exception cref="DitException">The adapter belongs to another base or does not fit it.</exception>
    public Voice With(BaseModel model, DitAdapter adapter) => this with { Overlays = Overlays.With(Interpreter.AdapterOverlay(model, adapter)) };

    /// <summary>Its answers to single questions, all in one batch.</summary>
    /// <exception cref="DitException">A prompt is too long, or the numbers grow beyond all bounds.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<string> Answer(BaseModel model, IReadOnlyList<string> questions, GenerationSettings settings, CancellationToken cancellation)
    {
        var ids = Generator.Generate(
            Decoder,
            [.. questions.Select(question => model.Tokenizer.EncodePrompt([new Message("user", question)]))],
            settings,
            model.Tokenizer.EndTokenIds,
            Overlays,
            [.. questions.Select((_, row) => RandomStream.Named(settings.Seed, $"generation/{row}"))],
            [.. questions.Select(_ => Name)],
            cancellation: cancellation);
        return [.. ids.Select(answer => model.Tokenizer.Tokenizer.Decode(answer, skipSpecialTokens: true).Trim())];
    }
}
