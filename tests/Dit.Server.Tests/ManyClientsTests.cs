using System.Net;
using Dit.Server.Generation;

namespace Dit.Server;

public sealed class ManyClientsTests
{
    [Fact]
    public async Task Of_200_clients_at_once_each_gets_its_whole_answer_or_an_honest_429()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Engine = new EngineLimits(Rows: 16, Waiting: 64) });
        var ids = (await world.Get("/api/finetunes")).EnumerateArray().Select(each => each.GetProperty("id").GetString()).ToArray();
        var expected = await Task.WhenAll(ids.Select(async id => (await world.Ask(ServedWorld.Question(id))).Text));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var response = await world.Begin(ServedWorld.Question(ids[i % ids.Length]));
            var text = await response.Content.ReadAsStringAsync();
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.NotNull(response.Headers.RetryAfter);
                return false;
            }

            Assert.True(response.StatusCode == HttpStatusCode.OK, text);
            var events = ServedWorld.Events(text);
            Assert.Equal("end", events[^1].Name);
            Assert.Equal(expected[i % ids.Length], string.Concat(events.SkipLast(1).Select(each => each.Data.GetProperty("text").GetString())));
            return true;
        }));
        Assert.True(outcomes.Count(answered => answered) >= 80, $"{outcomes.Count(answered => answered)} were answered"); // As many as there is room for.
        await ServedWorld.Until(() => world.Load is { Rows: 0, Waiting: 0 }, "to free all rows");
        Assert.All(world.Server.Parts.Shelf.Entries, entry => Assert.Equal(0, entry.Users));
    }

    [Fact]
    public async Task A_full_queue_says_so_and_when_to_come_back()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Engine = new EngineLimits(Rows: 1, Waiting: 1) });
        using var first = await world.Begin(ServedWorld.Endless(), TestContext.Current.CancellationToken);
        using var leaving = new CancellationTokenSource();
        var second = world.Begin(ServedWorld.Endless(), leaving.Token);
        await ServedWorld.Until(() => world.Load.Waiting == 1, "to wait");
        using var third = await world.Begin(ServedWorld.Question(), TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(third, HttpStatusCode.TooManyRequests);
        Assert.True(third.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        using var fourth = await world.Post("/v1/chat/completions", new { model = "base", messages = new[] { new { role = "user", content = "hi" } } });
        await ServedWorld.Sentence(fourth, HttpStatusCode.TooManyRequests);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await ServedWorld.Until(() => world.Load.Waiting == 0, "to leave the queue");
    }

    [Fact]
    public async Task Who_leaves_frees_the_row_long_before_the_answer_would_have_ended()
    {
        await using var world = await ServedWorld.Start();
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        var entry = world.Server.Parts.Shelf.Find(finetune!)!;
        for (var i = 0; i < 4; i++)
        {
            var before = world.Load.Passes;
            using (var response = await world.Begin(ServedWorld.Endless(finetune), TestContext.Current.CancellationToken))
            {
                await using var stream = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
                Assert.True(await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) > 0);
                Assert.Equal((1, 1), (world.Load.Rows, entry.Users));
            }

            await ServedWorld.Until(() => world.Load.Rows == 0 && entry.Users == 0, "to free the row");
            // Left alone it would have gone on for as many passes as the model has positions.
            Assert.True(world.Load.Passes - before < 400, $"{world.Load.Passes - before} passes");
        }
    }

    [Fact]
    public async Task An_answer_that_nobody_leaves_does_go_on_to_the_last_position()
    {
        await using var world = await ServedWorld.Start();
        var (_, end) = await world.Ask(ServedWorld.Endless());
        Assert.Equal("length", end.GetProperty("reason").GetString());
        Assert.True(world.Load.Passes > 450, $"{world.Load.Passes} passes");
    }

    [Fact]
    public async Task A_client_of_OpenAIs_that_leaves_frees_its_row_too()
    {
        await using var world = await ServedWorld.Start();
        var before = world.Load.Passes;
        foreach (var stream in new[] { true, false })
        {
            using var leaving = new CancellationTokenSource();
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = System.Net.Http.Json.JsonContent.Create(new { model = "base", stream, temperature = 2, max_tokens = 500, messages = new[] { new { role = "user", content = "Tell me something." } } }),
            };
            var sent = world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leaving.Token);
            await ServedWorld.Until(() => world.Load.Rows == 1 || sent.IsCompleted, "to begin");
            await leaving.CancelAsync();
            try
            {
                (await sent).Dispose();
            }
            catch (OperationCanceledException)
            {
                // As it was meant.
            }

            await ServedWorld.Until(() => world.Load.Rows == 0, "to free the row");
        }

        Assert.True(world.Load.Passes - before < 800, $"{world.Load.Passes - before} passes");
    }

    [Fact]
    public async Task A_finetune_that_is_removed_while_it_answers_answers_to_the_end_and_then_its_files_go()
    {
        await using var world = await ServedWorld.Start();
        var id = await world.UploadGood();
        var entry = world.Server.Parts.Shelf.Find(id)!;
        using var response = await world.Begin(ServedWorld.Endless(id), TestContext.Current.CancellationToken);
        using var removed = await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(1, entry.Users);
        Assert.True(Directory.Exists(entry.Offer.Source));
        Assert.DoesNotContain((await world.Get("/api/finetunes")).EnumerateArray(), each => each.GetProperty("id").GetString() == id);
        using var again = await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(again, HttpStatusCode.NotFound);

        Assert.Equal("end", ServedWorld.Events(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))[^1].Name);
        await ServedWorld.Until(() => !Directory.Exists(entry.Offer.Source), "to remove the files");
        Assert.Null(entry.Loaded);
        Assert.Equal(0, world.Server.Parts.Uploads.Reserved);
    }

    [Fact]
    public async Task A_server_that_stops_says_so_to_those_that_are_being_answered()
    {
        Task<string> reading;
        HttpResponseMessage response;
        await using (var world = await ServedWorld.Start())
        {
            response = await world.Begin(ServedWorld.Endless(), TestContext.Current.CancellationToken);
            reading = response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        using (response)
        {
            var (name, data) = ServedWorld.Events(await reading)[^1];
            Assert.Equal("error", name);
            Assert.Contains("stopping", data.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_server_that_stops_asks_those_who_come_to_try_again()
    {
        await using var world = await ServedWorld.Start();
        await world.Server.Parts.Engine.DisposeAsync();
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        var messages = new[] { new { role = "user", content = "hi" } };
        foreach (var (path, body) in new (string, object)[] { ("/api/ask", new { messages }), ("/api/ask", new { finetune, messages }), ("/v1/chat/completions", new { model = finetune, messages }) })
        {
            using var response = await world.Post(path, body);
            Assert.Contains("stopping", await ServedWorld.Sentence(response, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
            Assert.True(response.Headers.RetryAfter!.Delta > TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task What_goes_wrong_inside_is_no_fault_of_the_request_and_told_to_whoever_runs_the_server()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Engine = new EngineLimits(Rows: 1) });
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        using var lease = await world.Server.Parts.Shelf.Lease(finetune, TestContext.Current.CancellationToken);
        var before = await world.Begin(ServedWorld.Endless(), TestContext.Current.CancellationToken);
        var asked = world.Begin(ServedWorld.Question(finetune), TestContext.Current.CancellationToken);
        await ServedWorld.Until(() => world.Load.Waiting == 1, "to wait");
        lease.Finetune!.Dispose();
        before.Dispose();
        using var response = await asked;
        Assert.Contains("answer: expected", await ServedWorld.Sentence(response, HttpStatusCode.InternalServerError), StringComparison.Ordinal);
        Assert.Contains("while answers were written", Assert.Single(world.Told), StringComparison.Ordinal);
    }
}
