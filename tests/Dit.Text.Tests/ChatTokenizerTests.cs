namespace Dit.Text.Tests;

public sealed class ChatTokenizerTests : IDisposable
{
    private const string Template =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static readonly Message[] s_question = [new("system", "Be brief."), new("user", "Who counts the bees?")];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_prompt_is_the_rendered_conversation()
    {
        var chat = Load();
        Assert.Equal(
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWho counts the bees?<|im_end|>\n<|im_start|>assistant\n",
            chat.Tokenizer.Decode(chat.EncodePrompt(s_question)));
    }

    [Theory]
    [InlineData("Euler.")]
    [InlineData("\n two lines \n\n")]
    [InlineData("")]
    [InlineData("QqAnswerqQ")]
    public void An_answer_follows_the_prompt_and_is_closed_as_the_template_does(string answer)
    {
        var chat = Load();
        var example = chat.EncodeAnswer(s_question, answer);

        Assert.Equal(chat.EncodePrompt(s_question), example.Ids[..example.AnswerStart]);
        Assert.Equal(answer + "<|im_end|>\n", chat.Tokenizer.Decode(example.Ids[example.AnswerStart..]));
    }

    [Fact]
    public void An_open_answer_has_no_end_and_counts_what_the_template_puts_before_it()
    {
        var chat = Load(template:
            "{% for m in messages %}[{{ m.role }}]{% if m.role == 'assistant' %}<>{% endif %}{{ m.content }}|{% endfor %}" +
            "{% if add_generation_prompt %}[assistant]{% if enable_thinking is defined and not enable_thinking %}<>{% endif %}{% endif %}");
        Message[] prompt = [new("user", "Who?")];
        var open = chat.EncodeOpenAnswer(prompt, "Euler");
        var closed = chat.EncodeAnswer(prompt, "Euler");

        Assert.Equal("[user]Who?|[assistant]", chat.Tokenizer.Decode(open.Ids[..open.AnswerStart]));
        Assert.Equal("<>Euler", chat.Tokenizer.Decode(open.Ids[open.AnswerStart..]));
        Assert.Equal("[user]Who?|[assistant]<>", chat.Tokenizer.Decode(closed.Ids[..closed.AnswerStart]));
        Assert.Equal("Euler|", chat.Tokenizer.Decode(closed.Ids[closed.AnswerStart..]));
    }

    [Fact]
    public void The_template_sees_the_tokens_the_folder_names()
    {
        var chat = Load(template: "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", config:
            """{ "bos_token": { "content": "<|im_start|>", "lstrip": false }, "eos_token": "<|im_end|>", "unk_token": null }""");
        Assert.Equal("<|im_start|>x<|im_end|>", chat.Tokenizer.Decode(chat.EncodePrompt([new("user", "x")])));
    }

    [Fact]
    public void A_template_may_stand_in_the_configuration_alone_or_among_others()
    {
        Assert.NotEmpty(Load(template: null, config: """{ "eos_token": "<|im_end|>", "chat_template": "{{ messages[0].content }}" }""").EncodePrompt(s_question));
        Assert.NotEmpty(Load(template: null, config:
            """{ "eos_token": "<|im_end|>", "chat_template": [ { "name": "rag", "template": "{{" }, { "name": "default", "template": "{{ messages[0].content }}" } ] }""")
            .EncodePrompt(s_question));
    }

    [Theory]
    [InlineData("""{ "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>" }""", null, null, "<|endoftext|>", "<|im_end|>")]
    [InlineData("""{ "eos_token": "<|im_end|>" }""", null, null, "<|im_end|>", "<|im_end|>")]
    [InlineData("""{ "eos_token": "<|im_end|>" }""", """{ "eos_token_id": [ 327, 329 ] }""", """{ "eos_token_id": 5 }""", "<|im_end|>", "<|im_end|>", "<|endoftext|>")]
    [InlineData("{}", null, """{ "eos_token_id": 329, "pad_token_id": 327 }""", "<|endoftext|>", "<|im_end|>")]
    [InlineData("{}", """{ "pad_token_id": -1 }""", """{ "eos_token_id": 329 }""", "<|im_end|>", "<|im_end|>")]
    public void End_and_padding_come_from_three_files(string tokenizer, string? generation, string? model, string padding, params string[] ends)
    {
        WriteIfAny("generation_config.json", generation);
        WriteIfAny("config.json", model);
        var chat = Load(config: tokenizer);

        Assert.Equal(chat.Tokenizer.TokenId(padding), chat.PadTokenId);
        Assert.Equal(ends.Select(end => chat.Tokenizer.TokenId(end)!.Value), chat.EndTokenIds);
    }

    [Theory]
    [InlineData(null, """{ "eos_token": "<|im_end|>" }""", "chat_template")]
    [InlineData(null, """{ "eos_token": "<|im_end|>", "chat_template": [ ] }""", "default")]
    [InlineData(null, """{ "eos_token": "<|im_end|>", "chat_template": 3 }""", "chat_template")]
    [InlineData("{% for %}", """{ "eos_token": "<|im_end|>" }""", "chat_template.jinja")]
    [InlineData("", "{}", "eos_token")]
    [InlineData("", """{ "eos_token": "<|none|>" }""", "<|none|>")]
    [InlineData("", """{ "eos_token": 3 }""", "eos_token")]
    [InlineData("", "[]", "tokenizer_config.json")]
    public void A_folder_that_does_not_say_what_is_needed_is_refused(string? template, string config, string named)
    {
        var error = Assert.Throws<DitException>(() => Load(template, config));
        Assert.StartsWith(_folder.FullPath, error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_without_the_answer_is_refused_when_asked_for_one()
    {
        var chat = Load(template: "{{ messages[0].content }}");
        Assert.Contains("leaves it out", Assert.Throws<DitException>(() => chat.EncodeAnswer(s_question, "x")).Message, StringComparison.Ordinal);
    }

    private ChatTokenizer Load(string? template = Template, string config = """{ "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>" }""")
    {
        TinyTokenizer.Write(_folder.File("tokenizer.json"));
        File.Delete(_folder.File("chat_template.jinja"));
        WriteIfAny("chat_template.jinja", template);
        WriteIfAny("tokenizer_config.json", config);
        return ChatTokenizer.Load(_folder.FullPath);
    }

    private void WriteIfAny(string name, string? content)
    {
        if (content is not null)
        {
            File.WriteAllText(_folder.File(name), content);
        }
    }
}
