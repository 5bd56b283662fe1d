using System.Text.Json;
using Dit.Files;
using Dit.Json;

namespace Dit.Text.Tokenizers;

/// <summary>
/// What a Hugging Face folder says about its tokens beside tokenizer.json: the template, the tokens it names, and which ids
/// end and pad. Any of the files may be missing.
/// </summary>
internal sealed class FolderSettings(string folder)
{
    private static readonly string[] s_named = ["bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"];

    private readonly JsonPart? tokenizer = Read(folder, "tokenizer_config.json");
    private readonly JsonPart? special = Read(folder, "special_tokens_map.json");
    private readonly JsonPart? generation = Read(folder, "generation_config.json");
    private readonly Lazy<JsonPart?> model = new(() => Read(folder, "config.json"));

    /// <summary>The texts of the named tokens, bos_token and so on, as templates ask for them; those the folder does not name are missing.</summary>
    public IReadOnlyDictionary<string, string> NamedTokens => s_named
        .Select(name => (name, token: tokenizer?.Optional(name) ?? special?.Optional(name)))
        .Where(named => named.token is not null)
        .ToDictionary(named => named.name, named => TextOf(named.token!.Value), StringComparer.Ordinal);

    /// <summary>Ids under this name in generation_config.json, or else in config.json: one, several or none.</summary>
    public IReadOnlyList<int> Ids(string name)
    {
        var part = generation?.Optional(name) ?? model.Value?.Optional(name);
        return part switch
        {
            null => [],
            { Element.ValueKind: JsonValueKind.Array } list => [.. list.Items().Select(item => item.Id())],
            // Some published files write -1 for none.
            { Element.ValueKind: JsonValueKind.Number } id when id.Element.TryGetInt32(out var value) && value < 0 => [],
            { } id => [id.Id()],
        };
    }

    /// <summary>The chat template.</summary>
    /// <exception cref="DitException">There is none, or it cannot be read.</exception>
    public ChatTemplate Template()
    {
        foreach (var name in (string[])["chat_template.jinja", "additional_chat_templates/default.jinja"])
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                return ChatTemplate.Parse(WholeFile.ReadText(path), path);
            }
        }

        // Folders of models that also see keep it in a file of its own.
        var part = tokenizer?.Optional("chat_template") ?? Read(folder, "chat_template.json")?.Optional("chat_template")
            ?? throw new DitException(
                $"{folder}: expected a chat template in chat_template.jinja, tokenizer_config.json or chat_template.json, found none: "
                + "a base model that was never taught to chat cannot be asked");
        if (part.Element.ValueKind == JsonValueKind.Array)
        {
            part = part.Items().Where(item => item.Required("name").Text() == "default").Select(item => (JsonPart?)item.Required("template")).FirstOrDefault()
                ?? throw part.Unexpected("a template named default");
        }

        return ChatTemplate.Parse(part.Text(), $"{part.File}: {part.Where}");
    }

    /// <summary>A token is its text, or an object with its text as content.</summary>
    private static string TextOf(JsonPart token) =>
        token.Element.ValueKind == JsonValueKind.Object ? token.Required("content").Text() : token.Text();

    private static JsonPart? Read(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        return File.Exists(path) ? JsonPart.Load(path) : null;
    }
}
