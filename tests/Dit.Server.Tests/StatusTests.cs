using System.Net;
using System.Text.Json;

namespace Dit.Server;

public sealed class StatusTests
{
    [Fact]
    public async Task The_status_says_what_is_served()
    {
        await using var world = await ServedWorld.Start();
        var status = await world.Get("/api/status");
        Assert.Equal("dit", status.GetProperty("name").GetString());
        Assert.Equal("tiny-base", status.GetProperty("base").GetProperty("name").GetString());
        Assert.Equal(ShippedModels.Base.Fingerprint, status.GetProperty("base").GetProperty("fingerprint").GetString());
        Assert.Equal(ShippedModels.Base.Decoder.Sites.Count, status.GetProperty("base").GetProperty("sites").GetArrayLength());
        Assert.Equal(["tiny-both-adapter", "tiny-topic-adapter"], status.GetProperty("adapters").EnumerateArray().Select(each => each.GetProperty("id").GetString()));
        var both = status.GetProperty("adapters")[0];
        Assert.Equal(["hidden-topic", "news"], both.GetProperty("asks").EnumerateArray().Select(each => each.GetProperty("setting").GetString()));
        Assert.NotEqual("", both.GetProperty("nothing_changed").GetString());
        Assert.Equal("tiny-both-adapter", status.GetProperty("default_adapter").GetString());
        Assert.Equal(new ServerSettings().Uploads.QuotaBytes, status.GetProperty("limits").GetProperty("quota_bytes").GetInt64());
    }

    [Fact]
    public async Task The_list_of_finetunes_says_of_each_what_can_be_done_with_it()
    {
        await using var world = await ServedWorld.Start(settings => settings with
        {
            Finetunes = [.. settings.Finetunes, .. Shelving.OfferedFinetune.Named(ShippedModels.Gallery[0].Source)],
        });
        var finetunes = (await world.Get("/api/finetunes")).EnumerateArray().ToArray();
        Assert.Equal(ShippedModels.Gallery.Count + 1, finetunes.Length);
        Assert.All(finetunes[..^1], each => Assert.Equal("gallery", each.GetProperty("kind").GetString()));
        Assert.Equal("named", finetunes[^1].GetProperty("kind").GetString());
        Assert.Equal(finetunes.Length, finetunes.Select(each => each.GetProperty("id").GetString()).Distinct().Count());
        Assert.All(finetunes, each =>
        {
            Assert.Equal("PEFT adapter", each.GetProperty("form").GetString());
            Assert.True(each.GetProperty("can_scale").GetBoolean());
            Assert.False(each.GetProperty("removable").GetBoolean());
            Assert.True(each.GetProperty("bytes").GetInt64() > 10_000);
        });
        Assert.Equal(JsonValueKind.Number, finetunes[^1].GetProperty("parameters").ValueKind); // It was loaded when the server started.
    }

    [Fact]
    public async Task Where_a_finetune_changes_what_is_told_as_an_audit_tells_it()
    {
        await using var world = await ServedWorld.Start();
        var id = (await world.Get("/api/finetunes"))[0].GetProperty("id").GetString();
        var diff = await world.Get($"/api/finetunes/{id}/diff");
        Assert.Equal("PEFT adapter", diff.GetProperty("form").GetString());
        Assert.True(diff.GetProperty("norm").GetDouble() > 0);
        Assert.Equal(ShippedModels.Base.Decoder.Sites.Count, diff.GetProperty("base_sites").GetArrayLength());
        Assert.Equal(diff.GetProperty("norm").GetDouble(), Math.Sqrt(diff.GetProperty("sites").EnumerateArray().Sum(site => Math.Pow(site.GetProperty("norm").GetDouble(), 2))), 1e-6);
    }

    [Fact]
    public async Task A_finetune_that_is_named_at_the_start_and_cannot_be_used_is_refused_by_its_name()
    {
        var error = await Assert.ThrowsAsync<DitException>(() => ServedWorld.Start(settings => settings with { Finetunes = Shelving.OfferedFinetune.Named("/no/such/finetune") }));
        Assert.Contains("finetune", error.Message, StringComparison.Ordinal);
        Assert.Contains("no such folder", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/finetunes/nobody")]
    [InlineData("/api/finetunes/nobody/diff")]
    [InlineData("/api/audits/nobody")]
    [InlineData("/api/audits/nobody/events")]
    [InlineData("/api/audits/nobody/report.json")]
    [InlineData("/api/audits/nobody/report.html")]
    [InlineData("/v1/models/nobody")]
    [InlineData("/v1/models/base+nobody")]
    [InlineData("/api/nowhere")]
    [InlineData("/v1/embeddings")]
    [InlineData("/page/nothing.js")]
    public async Task What_is_not_there_is_said_in_a_sentence(string path)
    {
        await using var world = await ServedWorld.Start();
        using var response = await world.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("expected", await ServedWorld.Sentence(response, HttpStatusCode.NotFound), StringComparison.Ordinal);
    }
}
