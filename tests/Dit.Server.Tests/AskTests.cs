using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dit.Interpretation;
using Dit.Models.Generation;
using Dit.Server.Shelving;
using Dit.Text;

namespace Dit.Server;

public sealed class AskTests
{
    [Fact]
    public async Task Base_finetune_and_adapter_answer_as_they_do_without_a_server()
    {
        await using var world = await ServedWorld.Start();
        var offered = ShippedModels.Gallery[1];
        var id = ShelfId.Of(offered.Name, _ => false);
        using var finetune = Finetune.Load(offered.Source, ShippedModels.Base);
        var topic = ShippedModels.Adapters[1];
        var question = topic.Card!.MainQuestions[0];
        Finetune?[] asked = [null, finetune, finetune];
        IReadOnlyList<Message> turn = [new Message("user", question)];
        string[] expected =
        [
            .. Interpreter.Answer(ShippedModels.Base, [null, finetune], adapter: null, [turn, turn], new GenerationSettings(), TestContext.Current.CancellationToken),
            Interpreter.Answer(ShippedModels.Base, [finetune], topic, [turn], new GenerationSettings(), TestContext.Current.CancellationToken)[0],
        ];
        string?[] adapters = [null, null, "tiny-topic-adapter"];
        for (var i = 0; i < asked.Length; i++)
        {
            var (text, end) = await world.Ask(ServedWorld.Question(asked[i] is null ? null : id, adapters[i], question));
            Assert.Equal(expected[i], text.Trim());
            Assert.Equal("stop", end.GetProperty("reason").GetString());
            Assert.True(end.GetProperty("prompt_tokens").GetInt32() > 0 && end.GetProperty("answer_tokens").GetInt32() > 0 && end.GetProperty("seconds").GetDouble() > 0);
        }
    }

    [Fact]
    public async Task A_diff_of_strength_0_is_the_base()
    {
        await using var world = await ServedWorld.Start();
        var id = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        var messages = new[] { new { role = "user", content = "What is friendship?" } };
        var (off, _) = await world.Ask(new { finetune = id, strength = 0, messages });
        var (bare, _) = await world.Ask(new { messages });
        Assert.Equal(bare, off);
    }

    [Fact]
    public async Task A_seed_gives_the_same_answer_again_and_a_limit_ends_it()
    {
        await using var world = await ServedWorld.Start();
        var messages = new[] { new { role = "user", content = "What is friendship?" } };
        var drawn = new { messages, temperature = 2, seed = 7, max_tokens = 12 };
        var (one, end) = await world.Ask(drawn);
        Assert.Equal(one, (await world.Ask(drawn)).Text);
        Assert.NotEqual(one, (await world.Ask(drawn with { seed = 8 })).Text);
        Assert.Equal("length", end.GetProperty("reason").GetString());
        Assert.Equal(12, end.GetProperty("answer_tokens").GetInt32());
    }

    [Fact]
    public async Task An_answer_comes_in_pieces_before_it_has_ended()
    {
        await using var world = await ServedWorld.Start();
        using var response = await world.Begin(ServedWorld.Endless(), TestContext.Current.CancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        Assert.True(await stream.ReadAsync(new byte[16], TestContext.Current.CancellationToken) > 0);
        Assert.Equal(1, world.Load.Rows);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.BadRequest)]
    [InlineData("[]", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[null]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user"}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperatur":1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperature":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"temperature":"NaN"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"strength":"NaN"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"max_tokens":0}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"seed":-1}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"finetune":"nobody"}""", HttpStatusCode.NotFound)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"finetune":"../../etc/passwd"}""", HttpStatusCode.NotFound)]
    [InlineData("""{"messages":[{"role":"user","content":"hi"}],"adapter":"nobody"}""", HttpStatusCode.NotFound)]
    public async Task A_question_that_makes_no_sense_is_refused_in_a_sentence(string body, HttpStatusCode status)
    {
        await using var world = await ServedWorld.Start();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await world.Client.PostAsync(new Uri("/api/ask", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Contains("expected", await ServedWorld.Sentence(response, status), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/ask", "{\"messages\":[\n {\"role\":", "the body: expected JSON of at most 32 levels, found something else at line 2, byte 10", null)]
    [InlineData("/v1/chat/completions", """{"model":"base",""", "the body: expected JSON of at most 32 levels, found something else at line 1, byte 16", null)]
    [InlineData("/v1/chat/completions", """{"model":"base","model":"base"}""", "the body: expected every field once, found one again", null)]
    [InlineData("/api/ask", """{"adaptor":"x"}""", "adaptor: expected one of finetune, adapter, messages, strength, temperature, max_tokens, seed, found an unknown field", "adaptor")]
    [InlineData("/api/ask", """{"messages":[{"role":"user","content":7}]}""", "messages[0].content: expected a string, found 7", "messages[0].content")]
    [InlineData("/api/ask", """{"messages":[{"role":"user"}]}""", "messages[0].content: expected a string, found none", "messages[0].content")]
    [InlineData("/api/ask", """{"messages":null}""", "messages: expected a list, found null", "messages")]
    [InlineData("/api/ask", """{"messages":"hi"}""", "messages: expected a list, found \"hi\"", "messages")]
    [InlineData("/api/ask", """{"seed":1,"seed":1}""", "seed: expected it once, found it again", "seed")]
    [InlineData("/api/ask", """{"seed":-1}""", "seed: expected a whole number from 0 to 18446744073709551615, found -1", "seed")]
    [InlineData("/api/ask", """{"max_tokens":99999999999}""", "max_tokens: expected a whole number of at most 2147483647, found 99999999999", "max_tokens")]
    [InlineData("/api/ask", """{"strength":"much"}""", "strength: expected a number, found \"much\"", "strength")]
    [InlineData("/api/ask", "[]", "the body: expected an object, found []", null)]
    [InlineData("/api/assess", """{"question":null}""", "question: expected a string, found null", "question")]
    [InlineData("/api/audits", "{}", "finetune: expected the id of one, found none", "finetune")]
    public async Task Of_a_body_that_is_not_as_it_should_be_the_place_is_said_and_what_belongs_there(string path, string body, string sentence, string? field)
    {
        await using var world = await ServedWorld.Start();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await world.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(sentence, await ServedWorld.Sentence(response, HttpStatusCode.BadRequest));
        var error = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("error");
        Assert.Equal(field, error.GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("GET", "/api/finetunes/nobody", "finetune: expected the id of one that is there, as /api/finetunes lists them, found 'nobody'")]
    [InlineData("GET", "/api/audits/nobody", "audit: expected the id of one that is there, as /api/audits lists them, found 'nobody'")]
    [InlineData("POST", "/api/ask", "adapter: expected the id of one that is there, as /api/status lists them, found 'nobody'")]
    [InlineData("GET", "/api/no%1Bwhere", "the address: expected one that this server has, as /api/openapi.json lists them, found '/api/no\\u001bwhere'")]
    public async Task What_is_not_there_is_named_and_where_it_would_be_listed(string method, string path, string sentence)
    {
        await using var world = await ServedWorld.Start();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(ServedWorld.Question(adapter: "nobody")) : null };
        using var response = await world.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(sentence, await ServedWorld.Sentence(response, HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task A_long_address_is_named_in_part_and_another_method_beside_those_that_there_are()
    {
        await using var world = await ServedWorld.Start();
        using var nowhere = await world.Client.GetAsync(new Uri("/" + new string('x', 1000), UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.InRange((await ServedWorld.Sentence(nowhere, HttpStatusCode.NotFound)).Split("found ")[1].Length, 60, 82);
        using var put = await world.Client.PutAsync(new Uri("/api/finetunes", UriKind.Relative), null, TestContext.Current.CancellationToken);
        Assert.Equal("the method: expected one that this address knows (GET, POST), found 'PUT'", await ServedWorld.Sentence(put, HttpStatusCode.MethodNotAllowed));
    }

    [Fact]
    public async Task A_prompt_longer_than_the_model_can_read_is_refused_before_the_answer_begins()
    {
        await using var world = await ServedWorld.Start();
        using var response = await world.Begin(ServedWorld.Question(text: string.Concat(Enumerable.Repeat("What is friendship? ", 500))), TestContext.Current.CancellationToken);
        Assert.Contains("512", await ServedWorld.Sentence(response, HttpStatusCode.UnprocessableEntity), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anything_but_JSON_is_refused()
    {
        await using var world = await ServedWorld.Start();
        using var content = new StringContent("""{"messages":[{"role":"user","content":"hi"}]}""");
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var response = await world.Client.PostAsync(new Uri("/api/ask", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Contains("application/json", await ServedWorld.Sentence(response, HttpStatusCode.UnsupportedMediaType), StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_that_is_too_deep_or_too_long_is_refused()
    {
        await using var world = await ServedWorld.Start();
        using var deep = new StringContent($$"""{"messages":{{new string('[', 5000)}}{{new string(']', 5000)}}}""", Encoding.UTF8, "application/json");
        using var first = await world.Client.PostAsync(new Uri("/api/ask", UriKind.Relative), deep, TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(first, HttpStatusCode.BadRequest);
        Assert.StartsWith("HTTP/1.1 413", await world.Raw("POST /api/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }
}
