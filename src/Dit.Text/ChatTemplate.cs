using System.Text.Json;
using Dit.Text.Templates;

namespace Dit.Text;

/// <summary>
/// A chat template of Hugging Face: the Jinja program in a tokenizer's folder that turns a conversation into the text a model
/// was trained on. It is rendered as transformers does: in a sandbox, with block tags trimmed, without escaping for HTML.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> _body;
    private readonly string _origin;
    private readonly TimeProvider _clock;

    private ChatTemplate(IReadOnlyList<Statement> body, string origin, TimeProvider clock) =>
        (_body, _origin, _clock) = (body, origin, clock);

    /// <summary>Reads a template.</summary>
    /// <param name="source">The template's text.</param>
    /// <param name="origin">Where it comes from, usually a file, for errors.</param>
    /// <param name="clock">What <c>strftime_now</c> reads; the system's clock if null.</param>
    /// <exception cref="DitException">The template cannot be read; names the origin and the line.</exception>
    public static ChatTemplate Parse(string source, string origin, TimeProvider? clock = null)
    {
        try
        {
            return new ChatTemplate(Parser.Parse(source), origin, clock ?? TimeProvider.System);
        }
        catch (DitException error)
        {
            throw new DitException($"{origin}, {error.Message}", error);
        }
    }

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">The turns so far.</param>
    /// <param name="addGenerationPrompt">Whether the text ends where the model is to answer.</param>
    /// <param name="variables">
    /// What else the template sees, such as <c>bos_token</c>, <c>enable_thinking</c>: texts, numbers, truth values, null,
    /// JSON, and lists and dictionaries of these. Names that are not given are undefined.
    /// </param>
    /// <exception cref="DitException">
    /// The template refuses the conversation, fails, or does not end; names the origin and the line.
    /// </exception>
    public string Render(
        IReadOnlyList<Message> messages, bool addGenerationPrompt, IReadOnlyDictionary<string, object?>? variables = null) =>
        Render([new("messages", messages), new("add_generation_prompt", addGenerationPrompt), .. variables ?? NoVariables]);

    /// <summary>The text of a conversation as transformers' <c>apply_chat_template(messages, tools, **kwargs)</c> gives it.</summary>
    /// <param name="messages">A JSON list of messages, which may have any fields.</param>
    /// <param name="tools">A JSON list of tools, or null.</param>
    /// <param name="kwargs">
    /// A JSON object of what else the template sees, or null; <c>add_generation_prompt</c> is false where it is not in it.
    /// </param>
    /// <param name="variables">As above; an entry of <paramref name="kwargs"/> goes before one of the same name here.</param>
    /// <exception cref="DitException">
    /// The template refuses the conversation, fails, or does not end; names the origin and the line.
    /// </exception>
    public string Render(
        JsonElement messages, JsonElement? tools, JsonElement? kwargs = null, IReadOnlyDictionary<string, object?>? variables = null)
    {
        IEnumerable<KeyValuePair<string, object?>> given = kwargs is { ValueKind: JsonValueKind.Object } entries
            ? entries.EnumerateObject().Select(entry => new KeyValuePair<string, object?>(entry.Name, entry.Value))
            : [];
        return Render(
        [
            new("messages", messages), new("tools", tools), new("add_generation_prompt", false), .. variables ?? NoVariables, .. given,
        ]);
    }

    private static IReadOnlyDictionary<string, object?> NoVariables { get; } = new Dictionary<string, object?>();

    private string Render(List<KeyValuePair<string, object?>> variables)
    {
        // Where transformers has nothing to pass it passes None, which is not the same as undefined.
        var values = new Dictionary<string, object> { ["tools"] = None.Value, ["documents"] = None.Value };
        var budget = new Budget();
        Evaluator? evaluator = null;
        try
        {
            foreach ((string name, object? value) in variables)
            {
                values[name] = ImportedValues.Of(value, budget);
            }

            evaluator = new Evaluator(values, budget, _clock);
            return evaluator.Run(_body);
        }
        catch (DitException error)
        {
            string line = evaluator is null ? "" : $", line {evaluator.Line}";
            throw new DitException($"{_origin}{line}: {error.Message}", error);
        }
    }
}
