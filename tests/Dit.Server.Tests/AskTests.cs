using System.Net;
using System.Net.Http.Headers;
using System.Text;
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
