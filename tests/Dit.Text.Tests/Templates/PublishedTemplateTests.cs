using System.Text.Json;

namespace Dit.Text.Tests.Templates;

/// <summary>The templates of published models, which may not be copied: conversations rendered as transformers rendered them.</summary>
public class PublishedTemplateTests
{
    public static TheoryData<string> Folders()
    {
        string? root = GoldenFolder.WithPublishedTemplates("tokenizers");
        IEnumerable<string> folders = root is null ? [] : Directory.GetDirectories(root).Where(f => File.Exists(Path.Combine(f, "chat.jsonl")));
        return new TheoryData<string>(folders.Order(StringComparer.Ordinal).DefaultIfEmpty(""));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Conversations_are_rendered_as_transformers_renders_them(string folder)
    {
        Assert.SkipWhen(folder.Length == 0, "no golden files with published templates");
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer_config.json")));
        ChatTemplate template = Template(folder, config.RootElement);
        Dictionary<string, object?> tokens = SpecialTokens(config.RootElement);
        int rendered = 0;
        foreach (string line in File.ReadLines(Path.Combine(folder, "chat.jsonl")).Where(l => l.Length > 0))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            string Render() => template.Render(row.GetProperty("messages"), Optional(row, "tools"), Optional(row, "kwargs"), tokens);
            if (row.TryGetProperty("error", out _))
            {
                DitException error = Assert.Throws<DitException>((Func<string>)Render);
                Assert.StartsWith(folder, error.Message, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(row.GetProperty("text").GetString(), Render());
                AssertPlainMessagesGiveTheSame(template, row, tokens);
            }

            rendered++;
        }

        Assert.True(rendered > 0);
    }

    /// <summary>Where a conversation is nothing but roles and contents, the overload over messages has to agree.</summary>
    private static void AssertPlainMessagesGiveTheSame(ChatTemplate template, JsonElement row, Dictionary<string, object?> tokens)
    {
        JsonElement[] messages = [.. row.GetProperty("messages").EnumerateArray()];
        bool plain = messages.All(m => m.EnumerateObject().All(
            p => p.Name is "role" or "content" && p.Value.ValueKind == JsonValueKind.String));
        if (!plain || Optional(row, "tools") is not null)
        {
            return;
        }

        var variables = new Dictionary<string, object?>(tokens);
        bool addGenerationPrompt = false;
        foreach (JsonProperty kwarg in row.GetProperty("kwargs").EnumerateObject())
        {
            if (kwarg.NameEquals("add_generation_prompt"))
            {
                addGenerationPrompt = kwarg.Value.GetBoolean();
            }
            else
            {
                variables[kwarg.Name] = kwarg.Value;
            }
        }

        Message[] turns = [.. messages.Select(m => new Message(m.GetProperty("role").GetString()!, m.GetProperty("content").GetString()!))];
        Assert.Equal(row.GetProperty("text").GetString(), template.Render(turns, addGenerationPrompt, variables));
    }

    private static ChatTemplate Template(string folder, JsonElement config)
    {
        string path = Path.Combine(folder, "chat_template.jinja");
        return File.Exists(path)
            ? ChatTemplate.Parse(File.ReadAllText(path), path)
            : ChatTemplate.Parse(config.GetProperty("chat_template").GetString()!, Path.Combine(folder, "tokenizer_config.json"));
    }

    private static Dictionary<string, object?> SpecialTokens(JsonElement config)
    {
        var tokens = new Dictionary<string, object?>();
        foreach (JsonProperty entry in config.EnumerateObject().Where(e => e.Name.EndsWith("_token", StringComparison.Ordinal)))
        {
            JsonElement token = entry.Value.ValueKind == JsonValueKind.Object ? entry.Value.GetProperty("content") : entry.Value;
            if (token.ValueKind == JsonValueKind.String)
            {
                tokens[entry.Name] = token.GetString();
            }
        }

        return tokens;
    }

    private static JsonElement? Optional(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
