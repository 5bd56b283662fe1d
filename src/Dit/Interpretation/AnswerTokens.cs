using Dit.Models;
using Dit.Text;

namespace Dit.Interpretation;

/// <summary>Token ids of prompts and of whole answers to them, each text rendered and encoded once.</summary>
internal sealed class AnswerTokens(BaseModel model)
{
    private readonly Dictionary<string, int[]> answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int[]> questions = new(StringComparer.Ordinal);

    /// <summary>A conversation up to where the model is to answer.</summary>
    public int[] OfPrompt(IReadOnlyList<Message> prompt) => prompt is [{ Role: "user" } question]
        ? Kept(questions, question.Content, () => model.Tokenizer.EncodePrompt(prompt))
        : model.Tokenizer.EncodePrompt(prompt);

    /// <summary>An answer, where <paramref name="ended"/> with the mark that ends it. Templates write it alike whatever was asked, so any prompt will do.</summary>
    public int[] OfAnswer(IReadOnlyList<Message> prompt, string answer, bool ended = true) => Kept(answers, answer, () =>
    {
        var example = model.Tokenizer.EncodeAnswer(prompt, answer);
        var ids = example.Ids[example.AnswerStart..];
        var end = Array.FindIndex(ids, id => model.Tokenizer.EndTokenIds.Contains(id));
        // What a template writes behind the mark no model is ever to say.
        return end < 0 ? ids : ids[..(ended ? end + 1 : end)];
    });

    private static int[] Kept(Dictionary<string, int[]> kept, string text, Func<int[]> make)
    {
        if (!kept.TryGetValue(text, out var ids))
        {
            kept[text] = ids = make();
        }

        return ids;
    }
}
