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

    /// <summary>An answer with the mark that ends it. Templates write it alike whatever was asked, so any prompt will do.</summary>
    public int[] OfAnswer(IReadOnlyList<Message> prompt, string answer) => Kept(answers, answer, () =>
    {
        var example = model.Tokenizer.EncodeAnswer(prompt, answer);
        var ids = example.Ids[example.AnswerStart..];
        var end = Array.FindIndex(ids, IsEnd);
        // What a template writes behind the mark no model is ever to say.
        return end < 0 ? ids : ids[..(end + 1)];
    });

    /// <summary>
    /// The least of several answers that tells them apart: without the end mark, but for those with which another one begins. Those that are
    /// the same for a model stay the same.
    /// </summary>
    public IReadOnlyList<int[]> Distinguishing(IReadOnlyList<Message> prompt, IReadOnlyList<string> candidates)
    {
        int[][] whole = [.. candidates.Select(candidate => OfAnswer(prompt, candidate))];
        var open = whole.Select(ids => ids is [.., var last] && IsEnd(last) ? ids[..^1] : ids).ToArray();
        var beginnings = open.SelectMany(ids => Enumerable.Range(0, ids.Length).Select(length => Key(ids[..length]))).ToHashSet(StringComparer.Ordinal);
        return [.. open.Select((ids, i) => beginnings.Contains(Key(ids)) ? whole[i] : ids)];
    }

    private bool IsEnd(int id) => model.Tokenizer.EndTokenIds.Contains(id);

    private static string Key(int[] ids) => string.Join(',', ids);

    private static int[] Kept(Dictionary<string, int[]> kept, string text, Func<int[]> make)
    {
        if (!kept.TryGetValue(text, out var ids))
        {
            kept[text] = ids = make();
        }

        return ids;
    }
}
