using Dit.Models.Decoding;
using Dit.Text;

namespace Dit.Models.Readiness;

/// <summary>The text side of a model folder: tokenizer, chat template, end tokens, and whether they belong to the model.</summary>
internal static class TextCheck
{
    private const string Question = "What did you learn?", Answer = "To drift.";

    /// <summary>Everything that can be said, in the order in which a conversation meets it.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="config">The model's settings; null where they could not be read.</param>
    public static IEnumerable<Check> Of(string folder, ModelConfig? config)
    {
        var checks = new List<Check>();
        var path = Path.Combine(folder, "tokenizer.json");
        var tokenizer = Tell(checks, "tokenizer", () => File.Exists(path) ? Tokenizer.Load(path) : throw new DitException($"{path}: expected a tokenizer, found no such file"));
        if (tokenizer is not null)
        {
            checks.Add(Fits(folder, tokenizer, config));
        }

        var template = Tell(checks, "template", () => ChatTokenizer.LoadTemplate(folder));
        var chat = tokenizer is not null && template is not null ? Tell(checks, "conversation", () => ChatTokenizer.Load(folder)) : null;
        if (chat is not null)
        {
            checks.AddRange(Talk(chat, config));
        }

        return checks;
    }

    private static Check Fits(string folder, Tokenizer tokenizer, ModelConfig? config)
    {
        var size = tokenizer.VocabularySize;
        if (config is not null && size > config.VocabularySize)
        {
            return new Check(CheckOutcome.Failed, "tokenizer", $"{folder}/tokenizer.json: expected at most the {config.VocabularySize} tokens of the model, found {size}");
        }

        const string sample = "The answer is 42: naïve, 東京!";
        return tokenizer.Decode(tokenizer.Encode(sample)).TrimStart() == sample
            ? new Check(CheckOutcome.Passed, "tokenizer", $"{size:N0} tokens{(config is null || size == config.VocabularySize ? "" : $" of the model's {config.VocabularySize:N0}")}")
            : new Check(CheckOutcome.Noted, "tokenizer", $"{size:N0} tokens; it cannot give every text back, such as \"{sample}\"");
    }

    private static IEnumerable<Check> Talk(ChatTokenizer chat, ModelConfig? config)
    {
        var checks = new List<Check>();
        Message[] conversation = [new("user", Question)];
        var prompt = Tell(checks, "template", () => chat.EncodePrompt(conversation));
        if (prompt is null)
        {
            return checks;
        }

        if (config is not null && prompt.Length >= config.MaxPositions)
        {
            checks.Add(new Check(CheckOutcome.Failed, "template", $"expected a template that leaves room in the model's {config.MaxPositions} positions, found one that takes {prompt.Length} tokens before an answer"));
            return checks;
        }

        var sentence = $"a conversation takes {prompt.Length} tokens before its answer{Thinking(chat, conversation)}";
        TokenizedExample? example = null;
        try
        {
            example = chat.EncodeAnswer(conversation, Answer);
            checks.Add(new Check(CheckOutcome.Passed, "template", sentence));
        }
        catch (DitException e)
        {
            checks.Add(new Check(CheckOutcome.Noted, "template", $"{sentence}; it cannot be used for training: {e.Message}"));
        }

        var ends = chat.EndTokenIds;
        var strange = config is null ? [] : ends.Append(chat.PadTokenId).Where(id => id >= config.VocabularySize).Distinct().ToArray();
        var names = string.Join(" ", ends.Select(id => Named(chat.Tokenizer, id)));
        checks.Add(
            strange.Length > 0 ? new Check(CheckOutcome.Noted, "end tokens", $"{names}; expected end and padding tokens that the model has, found {string.Join(", ", strange)} beyond its {config!.VocabularySize}, so {Lost(ends, chat.PadTokenId, config)}")
            : example is null ? new Check(CheckOutcome.Passed, "end tokens", names)
            : example.Ids.Skip(example.AnswerStart).Any(ends.Contains) ? new Check(CheckOutcome.Passed, "end tokens", names)
            : new Check(CheckOutcome.Noted, "end tokens", $"{names}; the template closes an answer with none of these, so a trained answer may not end"));
        return checks;
    }

    /// <summary>What a model cannot do whose tokens end before these ids.</summary>
    private static string Lost(IReadOnlyList<int> ends, int padding, ModelConfig config)
    {
        var answers = ends.All(id => id >= config.VocabularySize) ? "no answer ends by itself" : "no answer ends with those";
        return padding < config.VocabularySize ? answers : $"{(ends.Any(id => id >= config.VocabularySize) ? answers + " and " : "")}it cannot be used for training";
    }

    /// <summary>Whether the template listens to enable_thinking.</summary>
    private static string Thinking(ChatTokenizer chat, Message[] conversation)
    {
        try
        {
            return Rendered(true) == Rendered(false) ? "" : "; it can switch thoughts off, and dit does";
        }
        catch (DitException)
        {
            // A template may insist on its special tokens, which this question alone does not give it.
            return "";
        }

        string Rendered(bool thinking) => chat.Template.Render(
            conversation, addGenerationPrompt: true, new Dictionary<string, object?>(StringComparer.Ordinal) { ["enable_thinking"] = thinking, ["bos_token"] = "", ["eos_token"] = "" });
    }

    private static string Named(Tokenizer tokenizer, int id) => tokenizer.Decode([id]) is { Length: > 0 } text ? text : $"#{id}";

    private static T? Tell<T>(List<Check> checks, string subject, Func<T> load)
        where T : class
    {
        try
        {
            return load();
        }
        catch (DitException e)
        {
            checks.Add(new Check(CheckOutcome.Failed, subject, e.Message));
            return null;
        }
    }
}
