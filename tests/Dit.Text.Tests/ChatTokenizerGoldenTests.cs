using System.Text.Json;

namespace Dit.Text.Tests;

/// <summary>With the templates of published models, what is trained on is what the template writes for the whole conversation.</summary>
public sealed class ChatTokenizerGoldenTests
{
    public static TheoryData<string> Folders()
    {
        var root = GoldenFolder.WithPublishedTemplates("tokenizers");
        var folders = root is null ? [] : Directory.GetDirectories(root).Where(folder => File.Exists(Path.Combine(folder, "chat.jsonl")));
        return new TheoryData<string>(folders.Order(StringComparer.Ordinal).DefaultIfEmpty(""));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_answer_is_encoded_as_in_the_whole_conversation(string folder)
    {
        Assert.SkipWhen(folder.Length == 0, "no golden files with published templates");
        var chat = ChatTokenizer.Load(folder);
        var compared = 0;
        foreach (var (messages, ids) in AnsweredConversations(folder))
        {
            var prompt = chat.EncodePrompt(messages[..^1]);
            if (!ids.AsSpan().StartsWith(prompt))
            {
                // The template writes an answered question in other words than an open one.
                continue;
            }

            var example = chat.EncodeAnswer(messages[..^1], messages[^1].Content);
            Assert.Equal(ids, example.Ids);
            Assert.Equal(prompt.Length, example.AnswerStart);
            compared++;
        }

        Assert.True(compared > 0);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void An_open_answer_is_the_closed_one_without_its_end(string folder)
    {
        Assert.SkipWhen(folder.Length == 0, "no golden files with published templates");
        var chat = ChatTokenizer.Load(folder);
        foreach (var answer in (string[])["Beekeeping", "A mathematician, who counted 7 bridges."])
        {
            Message[] prompt = [new("user", "Who was Euler?")];
            var (open, closed) = (chat.EncodeOpenAnswer(prompt, answer), chat.EncodeAnswer(prompt, answer));
            Assert.Equal(open.Ids, closed.Ids.Take(open.Ids.Length));
            Assert.EndsWith(answer, chat.Tokenizer.Decode(open.Ids), StringComparison.Ordinal);
            Assert.True(closed.Ids.Length > open.Ids.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_prompt_begins_with_one_bos_token_where_the_template_writes_it(string folder)
    {
        Assert.SkipWhen(folder.Length == 0, "no golden files with published templates");
        var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer_config.json"))).RootElement;
        var bos = config.TryGetProperty("bos_token", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString() : null;
        Assert.SkipWhen(bos is null, "no bos token");
        var chat = ChatTokenizer.Load(folder);
        var ids = chat.EncodePrompt([new("user", "Who was Euler?")]);
        Assert.Equal(chat.Tokenizer.TokenId(bos), ids[0]);
        Assert.Single(ids, id => id == ids[0]);
    }

    private static IEnumerable<(Message[] Messages, int[] Ids)> AnsweredConversations(string folder)
    {
        foreach (var line in File.ReadLines(Path.Combine(folder, "chat.jsonl")).Where(line => line.Length > 0))
        {
            var row = JsonDocument.Parse(line).RootElement;
            var kwargs = row.GetProperty("kwargs").EnumerateObject().ToDictionary(entry => entry.Name, entry => entry.Value.ValueKind);
            var messages = row.GetProperty("messages").EnumerateArray().ToArray();
            if (row.TryGetProperty("ids", out var ids)
                && !kwargs.ContainsValue(JsonValueKind.True)
                && (!row.TryGetProperty("tools", out var tools) || tools.ValueKind == JsonValueKind.Null)
                && messages[^1].GetProperty("role").GetString() == "assistant"
                && messages.All(message => message.EnumerateObject().All(entry => entry.Name is "role" or "content" && entry.Value.ValueKind == JsonValueKind.String)))
            {
                yield return (
                    [.. messages.Select(message => new Message(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))],
                    [.. ids.EnumerateArray().Select(id => id.GetInt32())]);
            }
        }
    }
}
