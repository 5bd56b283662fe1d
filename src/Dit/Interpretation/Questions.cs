using Dit.Diffs;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using TorchSharp;

namespace Dit.Interpretation;

/// <summary>
/// Prompts with room for their answers. Rows are asked in passes of bounded memory; how they are split changes no answer, since each row
/// draws from a stream of its own.
/// </summary>
/// <param name="model">The base, whose tokenizer and template are used.</param>
/// <param name="adapter">What every pass adds beside the diffs.</param>
/// <param name="prompts">The conversations.</param>
/// <param name="settings">How answers are drawn.</param>
/// <param name="names">What each prompt is put to, for the sentence of an error.</param>
/// <param name="cancellation">Stops before the next pass.</param>
internal sealed class Questions(
    BaseModel model,
    IReadOnlyDictionary<string, ISiteOverlay> adapter,
    IReadOnlyList<IReadOnlyList<Message>> prompts,
    GenerationSettings settings,
    IReadOnlyList<string> names,
    CancellationToken cancellation)
{
    private const int MostRowsPerPass = 256;
    private const double BytesPerPass = 2e9;

    private static readonly Dictionary<string, ISiteOverlay> Nothing = [];

    private readonly int[][] ids = [.. prompts.Select((prompt, row) => Encoded(model, prompt, row))];
    private readonly string[] answers = new string[prompts.Count];

    /// <summary>The answers, in the order of the prompts.</summary>
    public IReadOnlyList<string> Answers => answers;

    /// <summary>Asks some of the rows of a model with the same additions for all of them.</summary>
    public void Ask(Decoder decoder, int[] rows, IReadOnlyDictionary<string, ISiteOverlay>? diff = null)
    {
        foreach (var pass in rows.Chunk(RowsPerPass(decoder, rows, numbersPerRow: 0)))
        {
            Generate(decoder, pass, diff ?? Nothing);
        }
    }

    /// <summary>Asks some of the rows of a model, each with a diff of its own.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="rows">Which rows.</param>
    /// <param name="carry">The diffs of a pass, one per row in their order, for the callee to dispose; null for none at all.</param>
    /// <param name="numbersPerRow">Numbers of one diff.</param>
    public void Ask(Decoder decoder, int[] rows, Func<int[], DiffStack?> carry, long numbersPerRow)
    {
        foreach (var pass in rows.Chunk(RowsPerPass(decoder, rows, numbersPerRow)))
        {
            using var scope = torch.NewDisposeScope();
            using var carried = carry(pass);
            Generate(decoder, pass, carried is null ? Nothing : LowRankOverlay.PerRow(carried, decoder));
        }
    }

    /// <summary>A prompt's ids, looked at before the next is encoded and before anything is computed.</summary>
    private static int[] Encoded(BaseModel model, IReadOnlyList<Message> prompt, int row)
    {
        var encoded = model.Tokenizer.EncodePrompt(prompt);
        Generator.RequireRoom(encoded, row + 1, model.Decoder.Config);
        return encoded;
    }

    private void Generate(Decoder decoder, int[] rows, IReadOnlyDictionary<string, ISiteOverlay> diffs)
    {
        cancellation.ThrowIfCancellationRequested();
        var generated = Generator.Generate(
            decoder,
            [.. rows.Select(row => ids[row])],
            settings,
            model.Tokenizer.EndTokenIds,
            Overlays.None.With(diffs).With(adapter),
            [.. rows.Select(row => RandomStream.Named(settings.Seed, $"generation/{row}"))],
            [.. rows.Select(row => names[row])]);
        for (var i = 0; i < rows.Length; i++)
        {
            answers[rows[i]] = model.Tokenizer.Tokenizer.Decode(generated[i], skipSpecialTokens: true);
        }
    }

    /// <summary>As many rows as fit with their factors, their keys and values, and what one layer computes, roughly.</summary>
    private int RowsPerPass(Decoder decoder, int[] rows, long numbersPerRow)
    {
        var config = decoder.Config;
        var tokens = (double)rows.Select(row => ids[row].Length).DefaultIfEmpty().Max() + Math.Max(settings.MaxNewTokens, 0);
        var kept = (settings.Contrast is null ? 2.0 : 4.0) * config.LayerCount * config.KeyValueHeadCount * config.HeadSize * tokens;
        var passing = (3.0 * config.IntermediateSize + 4.0 * config.HiddenSize) * tokens;
        return (int)Math.Clamp(BytesPerPass / (sizeof(float) * (kept + passing + numbersPerRow)), 1, MostRowsPerPass);
    }
}
