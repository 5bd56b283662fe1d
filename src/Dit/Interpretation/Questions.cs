using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Interpretation;

/// <summary>
/// Prompts with room for their answers. So many are answered at the same time as a bounded memory holds; how many changes no answer, since each
/// row draws from a stream of its own.
/// </summary>
/// <param name="model">The base, whose tokenizer and template are used.</param>
/// <param name="adapter">What every pass adds beside the diffs.</param>
/// <param name="prompts">The conversations.</param>
/// <param name="settings">How answers are drawn.</param>
/// <param name="names">What each prompt is put to, for the sentence of an error.</param>
/// <param name="cancellation">Stops before the next forward pass.</param>
internal sealed class Questions(
    BaseModel model,
    IReadOnlyDictionary<string, ISiteOverlay> adapter,
    IReadOnlyList<IReadOnlyList<Message>> prompts,
    GenerationSettings settings,
    IReadOnlyList<string> names,
    CancellationToken cancellation)
{
    private const int MostSlots = 256;
    private const double MostBytes = 2e9;

    private readonly int[][] ids = [.. prompts.Select((prompt, row) => Encoded(model, prompt, row))];
    private readonly string[] answers = new string[prompts.Count];

    /// <summary>The answers, in the order of the prompts.</summary>
    public IReadOnlyList<string> Answers => answers;

    /// <summary>Asks some of the rows of a model with the same additions for all of them.</summary>
    public void Ask(Decoder decoder, int[] rows, IReadOnlyDictionary<string, ISiteOverlay>? diff = null)
    {
        var overlays = diff is null ? Overlays.None.With(adapter) : Overlays.None.With(diff).With(adapter);
        Generate(decoder, rows, [.. rows.Select(_ => 0)], _ => overlays, Slots(decoder, rows, numbersPerRow: 0));
    }

    /// <summary>Asks some of the rows of a model, each with a diff of its own.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="numbers">The number of the diff that each of them carries.</param>
    /// <param name="carry">What is added where the rows of a batch carry the diffs of these numbers; it belongs to the current dispose scope.</param>
    /// <param name="numbersPerRow">Numbers of one diff.</param>
    public void Ask(Decoder decoder, int[] rows, int[] numbers, Func<IReadOnlyList<int>, IReadOnlyDictionary<string, ISiteOverlay>> carry, long numbersPerRow) =>
        Generate(decoder, rows, numbers, batch => Overlays.None.With(carry(batch)).With(adapter), Slots(decoder, rows, numbersPerRow));

    /// <summary>A prompt's ids, looked at before the next is encoded and before anything is computed.</summary>
    private static int[] Encoded(BaseModel model, IReadOnlyList<Message> prompt, int row)
    {
        var encoded = model.Tokenizer.EncodePrompt(prompt);
        Generator.RequireRoom(encoded, row + 1, model.Decoder.Config);
        return encoded;
    }

    private void Generate(Decoder decoder, int[] rows, int[] numbers, Func<IReadOnlyList<int>, Overlays> overlays, int slots)
    {
        var generated = Generator.Generate(
            decoder,
            [.. rows.Select(row => ids[row])],
            settings,
            model.Tokenizer.EndTokenIds,
            new PromptOverlays(numbers, overlays),
            [.. rows.Select(row => RandomStream.Named(settings.Seed, $"generation/{row}"))],
            [.. rows.Select(row => names[row])],
            slots,
            cancellation);
        for (var i = 0; i < rows.Length; i++)
        {
            answers[rows[i]] = model.Tokenizer.Tokenizer.Decode(generated[i], skipSpecialTokens: true);
        }
    }

    /// <summary>As many rows as fit with their factors, their keys and values, and what one layer computes, roughly.</summary>
    private int Slots(Decoder decoder, int[] rows, long numbersPerRow)
    {
        var config = decoder.Config;
        var tokens = (double)rows.Select(row => ids[row].Length).DefaultIfEmpty().Max() + Math.Max(settings.MaxNewTokens, 0);
        var kept = (settings.Contrast is null ? 2.0 : 4.0) * config.LayerCount * config.KeyValueHeadCount * config.HeadSize * tokens;
        var passing = (3.0 * config.IntermediateSize + 4.0 * config.HiddenSize) * tokens;
        return (int)Math.Clamp(MostBytes / (sizeof(float) * (kept + passing + numbersPerRow)), 1, MostSlots);
    }
}
