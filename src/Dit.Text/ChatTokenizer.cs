using Dit.Text.Tokenizers;

namespace Dit.Text;

/// <summary>The text side of a Hugging Face folder: conversations to token ids, and which of them are the answer.</summary>
public sealed class ChatTokenizer
{
    // Stands for an answer while the template is asked what it puts after one; no template changes such a word.
    private const string Anything = "QqAnswerqQ";

    private readonly Dictionary<string, object?> variables;
    private readonly string folder;

    private ChatTokenizer(string folder)
    {
        this.folder = folder;
        var settings = new FolderSettings(folder);
        Tokenizer = Tokenizer.Load(Path.Combine(folder, "tokenizer.json"));
        Template = settings.Template();
        var named = settings.NamedTokens;
        variables = named.ToDictionary(token => token.Key, object? (token) => token.Value, StringComparer.Ordinal);

        int[] Named(string name) => named.TryGetValue(name, out var token)
            ? [Tokenizer.TokenId(token) ?? throw new DitException($"{folder}/tokenizer_config.json: expected {name} to be a token of tokenizer.json, found {token}")]
            : [];
        EndTokenIds = [.. Named("eos_token").Concat(settings.Ids("eos_token_id")).Distinct()];
        if (EndTokenIds.Count == 0)
        {
            throw new DitException($"{folder}: expected an eos_token in tokenizer_config.json or an eos_token_id in config.json, found neither");
        }

        PadTokenId = Named("pad_token").Concat(settings.Ids("pad_token_id")).Concat(EndTokenIds).First();
    }

    /// <summary>Text to ids and back.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Conversations to text.</summary>
    public ChatTemplate Template { get; }

    /// <summary>What rows of a batch are filled up with; the first end token where the folder names none.</summary>
    public int PadTokenId { get; }

    /// <summary>Any of these ends an answer.</summary>
    public IReadOnlyList<int> EndTokenIds { get; }

    /// <summary>
    /// Reads tokenizer.json; the template from chat_template.jinja, tokenizer_config.json or chat_template.json; end and padding tokens from
    /// tokenizer_config.json, generation_config.json and config.json.
    /// </summary>
    /// <exception cref="DitException">A file is missing, damaged or asks for something that is not supported.</exception>
    public static ChatTokenizer Load(string folder) => new(folder);

    /// <summary>The chat template of a folder alone.</summary>
    /// <exception cref="DitException">There is none, or it cannot be read.</exception>
    public static ChatTemplate LoadTemplate(string folder) => new FolderSettings(folder).Template();

    /// <summary>The ids of a conversation up to where the model is to answer, without thinking.</summary>
    /// <exception cref="DitException">The template refuses the conversation.</exception>
    public int[] EncodePrompt(IReadOnlyList<Message> messages) =>
        Tokenizer.Encode(Template.Render(messages, addGenerationPrompt: true, With(("enable_thinking", false))));

    /// <summary>
    /// The prompt followed by an answer and what the template closes an assistant's turn with, as the template writes the whole
    /// conversation. The two are encoded apart, so that the prompt's ids are exactly those a model is asked with; where the template
    /// writes an answered conversation in other words than its prompt, the answer follows the prompt as it is.
    /// </summary>
    /// <exception cref="DitException">The template refuses the conversation.</exception>
    public TokenizedExample EncodeAnswer(IReadOnlyList<Message> prompt, string answer)
    {
        var settings = With(("enable_thinking", false));
        var asked = Template.Render(prompt, addGenerationPrompt: true, settings);
        var whole = Answered(prompt, answer, settings);
        var (_, after) = AroundAnswer(prompt, settings);
        return Joined(asked, whole.StartsWith(asked, StringComparison.Ordinal) ? whole[asked.Length..] : answer + after);
    }

    /// <summary>
    /// The conversation up to the end of an answer that is left open, without an end mark. Whatever the template itself puts
    /// before the answer, such as Qwen3's empty thoughts, counts as part of it. The paper's diff training is fed this way.
    /// </summary>
    /// <exception cref="DitException">The template refuses the conversation, or its answers do not go on where its prompt ends.</exception>
    public TokenizedExample EncodeOpenAnswer(IReadOnlyList<Message> prompt, string answer)
    {
        var asked = Template.Render(prompt, addGenerationPrompt: true, variables);
        var whole = Answered(prompt, answer, variables);
        var (before, after) = AroundAnswer(prompt, variables);
        if (whole.Length >= asked.Length + after.Length
            && whole.StartsWith(asked, StringComparison.Ordinal) && whole.EndsWith(after, StringComparison.Ordinal))
        {
            return Joined(asked, whole[asked.Length..^after.Length]);
        }

        return before.StartsWith(asked, StringComparison.Ordinal)
            ? Joined(asked, before[asked.Length..] + answer)
            : throw new DitException($"{folder}: expected a template whose answers go on where its prompt ends, found one whose do not");
    }

    private TokenizedExample Joined(string asked, string rest)
    {
        var ids = Tokenizer.Encode(asked);
        return new TokenizedExample([.. ids, .. Tokenizer.EncodeContinuation(rest)], ids.Length);
    }

    private string Answered(IReadOnlyList<Message> prompt, string answer, IReadOnlyDictionary<string, object?> settings) =>
        Template.Render([.. prompt, new Message("assistant", answer)], addGenerationPrompt: false, settings);

    /// <summary>What the template writes before and after an answer to this prompt.</summary>
    private (string Before, string After) AroundAnswer(IReadOnlyList<Message> prompt, IReadOnlyDictionary<string, object?> settings)
    {
        var text = Answered(prompt, Anything, settings);
        var at = text.LastIndexOf(Anything, StringComparison.Ordinal);
        return at >= 0
            ? (text[..at], text[(at + Anything.Length)..])
            : throw new DitException($"{folder}: expected a template that writes the assistant's answer, found one that leaves it out");
    }

    private Dictionary<string, object?> With((string Name, object? Value) variable) => new(variables, StringComparer.Ordinal)
    {
        [variable.Name] = variable.Value,
    };
}
