using System.ClientModel;
using System.Net;
using System.Text;
using System.Text.Json;
using Dit.Server.OpenAi;
using OpenAI;
using OpenAI.Chat;

namespace Dit.Server;

/// <summary>With OpenAI's own client, as it comes.</summary>
public sealed class OpenAiTests
{
    private const string Asked = "What is friendship?";

    [Fact]
    public async Task The_client_lists_base_finetunes_and_each_with_an_adapter()
    {
        await using var world = await ServedWorld.Start();
        var models = await Client(world).GetOpenAIModelClient().GetModelsAsync(TestContext.Current.CancellationToken);
        var ids = models.Value.Select(model => model.Id).ToArray();
        Assert.Equal(3 * (1 + ShippedModels.Gallery.Count), ids.Length);
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        Assert.Subset(ids.ToHashSet(StringComparer.Ordinal), new HashSet<string>(["base", "base+tiny-both-adapter", finetune!, $"{finetune}+tiny-topic-adapter"], StringComparer.Ordinal));
        Assert.Equal("base", (await Client(world).GetOpenAIModelClient().GetModelAsync("base", TestContext.Current.CancellationToken)).Value.Id);
    }

    [Fact]
    public async Task Whole_and_streamed_the_client_gets_the_same_answer_as_the_page()
    {
        await using var world = await ServedWorld.Start();
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        foreach (var (model, adapter) in new[] { (finetune, (string?)null), ($"{finetune}+tiny-topic-adapter", "tiny-topic-adapter") })
        {
            var (expected, end) = await world.Ask(ServedWorld.Question(finetune, adapter, Asked));
            var options = new ChatCompletionOptions { Temperature = 0 };
            var whole = (await Chat(world, model).CompleteChatAsync([new UserChatMessage(Asked)], options, TestContext.Current.CancellationToken)).Value;
            Assert.Equal(expected, whole.Content.Single().Text);
            Assert.Equal((ChatFinishReason.Stop, ChatMessageRole.Assistant, model), (whole.FinishReason, whole.Role, whole.Model));
            Assert.Equal((end.GetProperty("prompt_tokens").GetInt32(), end.GetProperty("answer_tokens").GetInt32()), (whole.Usage.InputTokenCount, whole.Usage.OutputTokenCount));
            Assert.Equal(whole.Usage.InputTokenCount + whole.Usage.OutputTokenCount, whole.Usage.TotalTokenCount);

            var streamed = new StringBuilder();
            ChatFinishReason? reason = null;
            ChatTokenUsage? usage = null;
            await foreach (var update in Chat(world, model).CompleteChatStreamingAsync([new UserChatMessage(Asked)], options, TestContext.Current.CancellationToken))
            {
                streamed.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
                (reason, usage) = (update.FinishReason ?? reason, update.Usage ?? usage);
            }

            Assert.Equal((expected, ChatFinishReason.Stop, whole.Usage.OutputTokenCount), (streamed.ToString(), reason, usage!.OutputTokenCount));
        }
    }

    [Fact]
    public async Task Seed_limit_and_stop_strings_do_what_they_do_elsewhere()
    {
        await using var world = await ServedWorld.Start();
        var chat = Chat(world, "base");
#pragma warning disable OPENAI001 // Seeds are still marked as experimental by the client.
        var options = new ChatCompletionOptions { Temperature = 2, Seed = 5, MaxOutputTokenCount = 6 };
        var one = (await chat.CompleteChatAsync([new UserChatMessage(Asked)], options, TestContext.Current.CancellationToken)).Value;
        var same = (await chat.CompleteChatAsync([new UserChatMessage(Asked)], options, TestContext.Current.CancellationToken)).Value;
        var other = (await chat.CompleteChatAsync([new UserChatMessage(Asked)], new ChatCompletionOptions { Temperature = 2, Seed = 6, MaxOutputTokenCount = 6 }, TestContext.Current.CancellationToken)).Value;
#pragma warning restore OPENAI001
        Assert.Equal(one.Content[0].Text, same.Content[0].Text);
        Assert.NotEqual(one.Content[0].Text, other.Content[0].Text);
        Assert.Equal((ChatFinishReason.Length, 6), (one.FinishReason, one.Usage.OutputTokenCount));

        var words = (await chat.CompleteChatAsync([new UserChatMessage(Asked)], new ChatCompletionOptions { Temperature = 0 }, TestContext.Current.CancellationToken)).Value.Content[0].Text;
        var stop = words.Split(' ')[2];
        var stopping = new ChatCompletionOptions { Temperature = 0, StopSequences = { stop, "never said" } };
        var stopped = (await chat.CompleteChatAsync([new UserChatMessage(Asked)], stopping, TestContext.Current.CancellationToken)).Value;
        Assert.Equal((words[..words.IndexOf(stop, StringComparison.Ordinal)], ChatFinishReason.Stop), (stopped.Content.Count > 0 ? stopped.Content[0].Text : "", stopped.FinishReason));
        await ServedWorld.Until(() => world.Load.Rows == 0, "to free the row");
    }

    [Theory]
    [InlineData("nobody", 404)]
    [InlineData("base+nobody", 404)]
    [InlineData("", 404)]
    public async Task The_client_is_told_in_a_sentence_which_model_there_is_not(string model, int status)
    {
        await using var world = await ServedWorld.Start();
        using var response = await world.Post("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = Asked } } });
        Assert.Contains("/v1/models", await ServedWorld.Sentence(response, (HttpStatusCode)status), StringComparison.Ordinal);
        if (model.Length > 0)
        {
            var error = await Assert.ThrowsAsync<ClientResultException>(() => Chat(world, model).CompleteChatAsync([new UserChatMessage(Asked)], cancellationToken: TestContext.Current.CancellationToken));
            Assert.Equal(status, error.Status);
            Assert.Contains("model: expected", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}]}""", "model")]
    [InlineData("""{"model":"base"}""", "messages")]
    [InlineData("""{"model":"base","messages":[]}""", "messages")]
    [InlineData("""{"model":"base","messages":"hi"}""", "messages")]
    [InlineData("""{"model":"base","messages":[{"role":"tool","content":"hi"}]}""", "messages[0]")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", "messages[0]")]
    [InlineData("""{"model":"base","messages":[{"role":"user"}]}""", "messages[0]")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"n":2}""", "n")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"temperature":3}""", "temperature")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"temperature":"warm"}""", "temperature")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"top_p":0}""", "top_p")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"max_tokens":0}""", "max_tokens")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"max_tokens":1.5}""", "max_tokens")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"seed":"x"}""", "seed")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"stop":["a","b","c","d","e"]}""", "stop")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"stop":""}""", "stop")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"logprobs":true}""", "logprobs")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"tools":[{"type":"function"}]}""", "tools")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"frequency_penalty":0.5}""", "frequency_penalty")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_object"}}""", "response_format")]
    [InlineData("""{"model":"base","messages":[{"role":"user","content":"hi"}],"reasoning_effort":"high"}""", "reasoning_effort")]
    public async Task What_this_server_does_not_do_is_refused_by_its_field(string body, string field)
    {
        await using var world = await ServedWorld.Start();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await world.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal((field, "invalid_request_error"), (error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));
    }

    [Theory]
    [InlineData("\"n\":2", "n: expected 1, found 2")]
    [InlineData("\"logprobs\":true", "logprobs: expected false, found true")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice: expected none or auto, found \"required\"")]
    public async Task Of_an_option_that_can_be_at_one_value_only_that_value_is_said(string option, string sentence)
    {
        await using var world = await ServedWorld.Start();
        using var content = new StringContent($$"""{"model":"base","messages":[{"role":"user","content":"hi"}],{{option}}}""", Encoding.UTF8, "application/json");
        using var response = await world.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.StartsWith(sentence, await ServedWorld.Sentence(response, HttpStatusCode.BadRequest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_ask_for_nothing_and_other_forms_of_text_are_taken()
    {
        await using var world = await ServedWorld.Start();
        const string body = """
            {"model":"base","messages":[{"role":"developer","content":"Be kind."},{"role":"user","content":[{"type":"text","text":"What is "},{"type":"text","text":"friendship?"}]}],
             "n":1,"temperature":0,"frequency_penalty":0,"presence_penalty":0,"logprobs":false,"logit_bias":{},"tools":[],"tool_choice":"none","response_format":{"type":"text"},"user":"me","metadata":{"a":"b"},"seed":-3,"stop":null}
            """;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await world.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_stop_string_is_found_wherever_the_pieces_are_cut()
    {
        const string text = "one ENE END two";
        for (var cut = 1; cut < text.Length; cut++)
        {
            var stop = new StopText(["END", "never"]);
            var told = string.Concat(text.Chunk(cut).Select((piece, i) => stop.Take(new string(piece), isLast: (i + 1) * cut >= text.Length)));
            Assert.Equal("one ENE ", told);
            Assert.True(stop.Hit);
        }

        var open = new StopText(["END"]);
        Assert.Equal("one ", open.Take("one EN", isLast: false));
        Assert.Equal("EN", open.Take("", isLast: true));
        Assert.False(open.Hit);
    }

    private static OpenAIClient Client(ServedWorld world) => new(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(world.Server.Address, "v1"), RetryPolicy = new System.ClientModel.Primitives.ClientRetryPolicy(0) });

    private static ChatClient Chat(ServedWorld world, string model) => Client(world).GetChatClient(model);
}
