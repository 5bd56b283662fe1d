using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Dit.Audit;
using Dit.Server.Audits;

namespace Dit.Server;

public sealed class AuditTests
{
    [Fact]
    public async Task Audits_are_done_one_after_another_tell_how_far_they_are_and_can_be_stopped()
    {
        using var step = new SemaphoreSlim(0);
        var running = 0;
        await using var world = await ServedWorld.Start(audit: (job, progress) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            try
            {
                for (var i = 0; i < 3; i++)
                {
                    progress.Report(new AuditProgress("round", i, 3));
                    step.Wait(job.Stop);
                }

                throw new DitException($"{job.Finetune.Offer.Source}/adapter_model.safetensors: expected another, found {ShippedModels.Base.Folder}");
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        var (first, second, third) = (await Begin(world, finetune), await Begin(world, finetune), await Begin(world, finetune));
        await ServedWorld.Until(() => world.Server.Parts.Audits.Require(first).Now.Body.State == AuditState.Running, "to begin");
        Assert.Equal("queued", (await world.Get($"/api/audits/{second}")).GetProperty("state").GetString());
        Assert.Equal(3, world.Server.Parts.Shelf.Find(finetune)!.Users);

        Assert.Equal(HttpStatusCode.NoContent, await Remove(world, second));
        Assert.Equal("cancelled", (await world.Get($"/api/audits/{second}")).GetProperty("state").GetString());

        var following = world.Client.GetStringAsync(new Uri($"/api/audits/{first}/events", UriKind.Relative), TestContext.Current.CancellationToken);
        step.Release(3);
        var events = ServedWorld.Events(await following);
        Assert.All(events, each => Assert.Equal("progress", each.Name));
        Assert.Equal("failed", events[^1].Data.GetProperty("state").GetString());
        var sentence = events[^1].Data.GetProperty("error").GetString()!;
        Assert.StartsWith(ShippedModels.Gallery[0].Name, sentence, StringComparison.Ordinal);
        Assert.EndsWith("found tiny-base", sentence, StringComparison.Ordinal);

        await ServedWorld.Until(() => world.Server.Parts.Audits.Require(third).Now.Body.State == AuditState.Running, "to go on");
        await Remove(world, third);
        await ServedWorld.Until(() => world.Server.Parts.Audits.Require(third).HasEnded, "to stop");
        Assert.Equal("cancelled", (await world.Get($"/api/audits/{third}")).GetProperty("state").GetString());
        Assert.Equal(0, world.Server.Parts.Shelf.Find(finetune)!.Users);
        using var report = await world.Client.GetAsync(new Uri($"/api/audits/{third}/report.json", UriKind.Relative), TestContext.Current.CancellationToken);
        await ServedWorld.Sentence(report, HttpStatusCode.Conflict);
        await Remove(world, third);
        Assert.Equal(2, (await world.Get("/api/audits")).GetArrayLength());
    }

    [Fact]
    public async Task Too_many_audits_are_refused_and_of_those_that_have_ended_the_last_are_kept()
    {
        using var step = new SemaphoreSlim(0);
        await using var world = await ServedWorld.Start(
            settings => settings with { Audits = new AuditLimits(Waiting: 2, Kept: 2) },
            (job, _) =>
            {
                step.Wait(job.Stop);
                throw new DitException("an end");
            });
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        string[] ids = [await Begin(world, finetune), await Begin(world, finetune)];
        using var refused = await world.Post("/api/audits", new { finetune });
        await ServedWorld.Sentence(refused, HttpStatusCode.TooManyRequests);
        Assert.Equal(2, world.Server.Parts.Shelf.Find(finetune)!.Users);
        for (var i = 0; i < 4; i++)
        {
            step.Release(2);
            await ServedWorld.Until(() => world.Server.Parts.Audits.All.All(job => job.HasEnded), "to end");
            ids = [.. ids, await Begin(world, finetune)];
        }

        step.Release();
        await ServedWorld.Until(() => world.Server.Parts.Audits.All.All(job => job.HasEnded), "to end");
        Assert.Equal(ids[^2..], (await world.Get("/api/audits")).EnumerateArray().Select(each => each.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task An_audit_of_an_upload_goes_on_when_it_is_removed_and_ends_when_the_server_does()
    {
        string folder;
        await using (var world = await ServedWorld.Start(audit: (job, _) =>
        {
            job.Stop.WaitHandle.WaitOne();
            job.Stop.ThrowIfCancellationRequested();
            throw new InvalidOperationException();
        }))
        {
            var id = await world.UploadGood();
            var job = world.Server.Parts.Audits.Require(await Begin(world, id));
            folder = job.Finetune.Offer.Source;
            (await world.Client.DeleteAsync(new Uri($"/api/finetunes/{id}", UriKind.Relative), TestContext.Current.CancellationToken)).Dispose();
            Assert.True(Directory.Exists(folder));
        }

        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("""{"finetune":"nobody"}""", 404)]
    [InlineData("""{"finetune":"alba","adapter":"nobody"}""", 404)]
    [InlineData("""{"finetune":"alba","seeds":1}""", 400)]
    public async Task What_cannot_be_audited_is_refused(string body, int status)
    {
        await using var world = await ServedWorld.Start();
        foreach (var path in new[] { "/api/audits", "/api/assess" })
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
            using var response = await world.Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
            var sentence = await ServedWorld.Sentence(response, path == "/api/assess" && status == 404 ? HttpStatusCode.BadRequest : (HttpStatusCode)status);
            Assert.Contains("expected", sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_answer_is_assessed_as_an_audit_would_and_no_more_at_once_than_the_server_takes_on()
    {
        await using var world = await ServedWorld.Start(settings => settings with { Assessments = new Api.AssessmentLimits(AtOnce: 1, Waiting: 1) });
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        var question = ShippedModels.Adapters[0].Card!.MainQuestions[0];
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            using var response = await world.Post("/api/assess", new { finetune, question });
            return (response.StatusCode, Body: await response.Content.ReadFromJsonAsync<JsonElement>());
        }));
        var done = outcomes.Where(each => each.StatusCode == HttpStatusCode.OK).ToArray();
        Assert.InRange(done.Length, 2, 6);
        Assert.All(outcomes.Except(done), each => Assert.Equal(HttpStatusCode.TooManyRequests, each.StatusCode));
        var answer = done[0].Body;
        var (said, _) = await world.Ask(ServedWorld.Question(finetune, "tiny-both-adapter", question));
        Assert.Equal(said.Trim(), answer.GetProperty("answer").GetString());
        Assert.Equal(["bare-base", "random-diff"], answer.GetProperty("controls").EnumerateArray().Select(each => each.GetProperty("kind").GetString()));
        Assert.True(answer.GetProperty("samples").GetArrayLength() > 0 && answer.GetProperty("agreement").GetDouble() is >= 0 and <= 1);
        Assert.Equal(0, world.Server.Parts.Shelf.Find(finetune!)!.Users);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public async Task An_audit_over_HTTP_ends_with_a_report_and_a_page()
    {
        await using var world = await ServedWorld.Start();
        var finetune = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString()!;
        var id = await Begin(world, finetune);
        var events = ServedWorld.Events(await world.Client.GetStringAsync(new Uri($"/api/audits/{id}/events", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal("done", events[^1].Data.GetProperty("state").GetString());
        var report = JsonSerializer.Deserialize<AuditReport>((await world.Get($"/api/audits/{id}/report.json")).GetRawText(), AuditJson.Options)!;
        Assert.Equal(ShippedModels.Gallery[0].Name, report.Finetune);
        using var page = await world.Client.GetAsync(new Uri($"/api/audits/{id}/report.html", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("attachment", page.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("sandbox", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    private static async Task<string> Begin(ServedWorld world, string finetune)
    {
        using var response = await world.Post("/api/audits", new { finetune });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
    }

    private static async Task<HttpStatusCode> Remove(ServedWorld world, string id)
    {
        using var response = await world.Client.DeleteAsync(new Uri($"/api/audits/{id}", UriKind.Relative), TestContext.Current.CancellationToken);
        return response.StatusCode;
    }
}
