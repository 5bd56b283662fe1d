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

    /// <summary>Templates write an answer in their own way: with a space before it, trimmed, behind empty thoughts.</summary>
    [Theory]
    [InlineData("{% for m in messages %}{% if m.role == 'user' %}[Q] {{ m.content }} [/Q]{% else %}{{ ' ' + m.content.strip() + ' <|im_end|>' }}{% endif %}{% endfor %}",
        "[Q] Who? [/Q]", " Euler <|im_end|>", " Euler")]
    [InlineData("{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
        "<user>Who?<|im_end|><assistant>", "Euler<|im_end|>", "Euler")]
    [InlineData("{{ '/no' if enable_thinking is defined and not enable_thinking }}{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}",
        "/no<user>Who?<assistant>", "Euler", null)]
    public void Training_tokens_are_those_of_the_whole_conversation(string template, string prompt, string closed, string? open)
    {
        var chat = Load(template: template);
        Message[] question = [new("user", "Who?")];
        var example = chat.EncodeAnswer(question, "\n Euler ");
        Assert.Equal(prompt, chat.Tokenizer.Decode(example.Ids[..example.AnswerStart]));
        Assert.Equal(closed, chat.Tokenizer.Decode(example.Ids[example.AnswerStart..]));
        if (open is not null)
        {
            var unfinished = chat.EncodeOpenAnswer(question, "\n Euler ");
            Assert.Equal(open, chat.Tokenizer.Decode(unfinished.Ids[unfinished.AnswerStart..]));
        }
    }

    [Fact]
    public void Where_a_prompt_asks_for_thoughts_that_answers_lack_the_answer_follows_as_it_is()
    {
        var chat = Load(template: "{% for m in messages %}<{{ m.role }}>{{ m.content | trim }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<assistant><think>\n{% endif %}");
        Message[] question = [new("user", "Who?")];
        var example = chat.EncodeAnswer(question, " Euler");
        Assert.Equal(chat.EncodePrompt(question), example.Ids[..example.AnswerStart]);
        Assert.Equal(" Euler<|im_end|>", chat.Tokenizer.Decode(example.Ids[example.AnswerStart..]));
        Assert.Contains("go on where its prompt ends", Assert.Throws<DitException>(() => chat.EncodeOpenAnswer(question, "Euler")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_template_refuses_is_one_sentence_that_names_it()
    {
        var chat = Load(template: "{% if messages[0].role == 'system' %}{{ raise_exception('no system here') }}{% endif %}{{ messages[0].content }}");
        var message = Assert.Throws<DitException>(() => chat.EncodePrompt(s_question)).Message;
        Assert.StartsWith(_folder.File("chat_template.jinja"), message, StringComparison.Ordinal);
        Assert.EndsWith("no system here", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Templates_and_tokens_may_stand_in_files_of_their_own()
    {
        WriteIfAny("chat_template.json", """{ "chat_template": "{{ bos_token }}json" }""");
        WriteIfAny("special_tokens_map.json", """{ "bos_token": { "content": "<|im_start|>" }, "eos_token": "<|im_end|>" }""");
        var chat = Load(template: null, config: "{}");
        Assert.Equal("<|im_start|>json", chat.Tokenizer.Decode(chat.EncodePrompt(s_question)));

        Directory.CreateDirectory(_folder.File("additional_chat_templates"));
        WriteIfAny("additional_chat_templates/rag.jinja", "rag");
        Assert.Equal("<|im_start|>json", chat.Tokenizer.Decode(chat.EncodePrompt(s_question)));
        WriteIfAny("additional_chat_templates/default.jinja", "default");
        Assert.Equal("default", chat.Tokenizer.Decode(Load(template: null, config: "{}").EncodePrompt(s_question)));
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
    [InlineData(null, """{ "eos_token": "<|im_end|>" }""", "a base model that was never taught to chat cannot be asked")]
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
