using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;

namespace Dit.Server.Generation;

/// <summary>What an engine does not take on, and what goes wrong for one and not for the others.</summary>
public sealed class EngineLimitsTests(EngineWorld world) : IClassFixture<EngineWorld>
{
    private const int Long = 400;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_too_many_wait_the_next_is_refused_at_the_call_and_the_others_are_answered()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 2, Waiting: 3));
        var answers = Enumerable.Range(0, 5).Select(_ => engine.Answer(EngineWorld.Ask("Hi", world.Talkative(), tokens: Long))).ToArray();

        Assert.Throws<QueueFullException>(() => engine.Answer(EngineWorld.Ask("Hi")));

        var all = await Task.WhenAll(answers.Select(EngineWorld.Whole));
        Assert.All(all, answer => Assert.Equal(all[0], answer));
        Assert.Equal("length", (await EngineWorld.Whole(engine.Answer(EngineWorld.Ask("Hi", tokens: 1)))).End!.Reason);
    }

    [Fact]
    public async Task A_place_in_the_queue_is_given_back_by_a_request_that_makes_no_sense()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 1, Waiting: 0));
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Throws<DitException>(() => engine.Answer(EngineWorld.Ask(string.Join(' ', Enumerable.Repeat("sea", 2000)))));
        }

        Assert.NotNull((await EngineWorld.Whole(engine.Answer(EngineWorld.Ask("Hi")))).End);
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_refused_at_the_call_in_one_sentence_without_a_folder()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Bytes: 1 << 20));
        using var checkpoint = world.Checkpoint(91);
        var alien = world.Adapter with { Card = world.Adapter.Card! with { BaseFingerprint = "another" } };
        var ask = EngineWorld.Ask("Hi");
        (AnswerRequest Request, string Sentence)[] cases =
        [
            (ask with { Settings = new GenerationSettings(5, Temperature: -1) }, "Temperature"),
            (ask with { Settings = new GenerationSettings(5, Contrast: new Contrast()) }, "Contrast"),
            (ask with { Finetune = world.Finetune(1), Strength = double.NaN }, "strength"),
            (ask with { Finetune = checkpoint, Strength = 2 }, "strength"),
            (ask with { Adapter = alien }, "another base"),
            (ask with { Settings = new GenerationSettings(450) }, "ask for fewer tokens"),
            (EngineWorld.Ask(string.Join(' ', Enumerable.Repeat("sea", 2000))), "511 tokens"),
        ];

        foreach (var (request, sentence) in cases)
        {
            var message = Assert.Throws<DitException>(() => engine.Answer(request)).Message;
            Assert.Contains(sentence, message, StringComparison.Ordinal);
            Assert.DoesNotContain(world.Model.Folder, message, StringComparison.Ordinal);
        }

        Assert.Equal(0, engine.Load.Passes);
        Assert.Throws<DitException>(() => new Engine(world.Model, new EngineLimits(Rows: 0)));
    }

    [Fact]
    public async Task One_whose_scores_are_no_numbers_fails_alone()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        var finetune = world.Finetune(5, rank: 2);
        AnswerRequest[] requests = [.. Enumerable.Range(0, 9).Select(number => EngineWorld.Ask("Tell me about the sea.", finetune, tokens: 10, strength: number == 4 ? 1e38 : 1))];

        var answers = requests.Select(request => EngineWorld.Whole(engine.Answer(request))).ToArray();

        Assert.StartsWith("answer: expected finite scores", (await Assert.ThrowsAsync<DitException>(() => answers[4])).Message, StringComparison.Ordinal);
        var expected = world.Alone(requests[0]);
        Assert.All(await Task.WhenAll(answers.Where((_, number) => number != 4)), answer => Assert.Equal(expected, answer.Text));
    }

    [Fact]
    public async Task A_finetune_that_is_freed_too_early_fails_alone_and_the_engine_goes_on()
    {
        var told = new List<string>();
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 1), told.Add);
        var first = engine.Answer(EngineWorld.Ask("Hi", world.Talkative(), tokens: 100));
        var freed = world.Own(6);
        var second = engine.Answer(EngineWorld.Ask("Hi", freed));
        var third = engine.Answer(EngineWorld.Ask("Hi", tokens: 3));
        freed.Dispose();

        await EngineWorld.Whole(first);
        await Assert.ThrowsAsync<EngineFailedException>(() => EngineWorld.Whole(second));
        Assert.Contains("while answers were written", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(world.Alone(EngineWorld.Ask("Hi", tokens: 3)), (await EngineWorld.Whole(third)).Text);
    }

    [Fact]
    public async Task One_that_cannot_even_be_taken_in_fails_alone_and_those_before_and_behind_it_are_answered()
    {
        var told = new List<string>();
        await using var thread = new EngineThread(world.Model, new EngineLimits(), told.Add);
        var request = EngineWorld.Ask("Hi", world.Talkative(), tokens: Long);
        Task<(string Text, AnswerEnd? End)> Enqueued(Decoder? decoder)
        {
            var sites = ((Interpretation.LowRankFinetune)request.Finetune!).Adapter.Sites;
            var row = new LiveRow(world.Model.Decoder, world.Model.Tokenizer.EncodePrompt(request.Messages), request.Settings, Dit.Models.Randomness.RandomStream.Named(1, "x"), sites);
            var stream = new AnswerStream(decoder!, row, world.Model.Tokenizer.Tokenizer, thread.Wake);
            thread.Enqueue(thread.Reserve(), stream);
            return EngineWorld.Whole(stream);
        }

        var before = Enqueued(world.Model.Decoder);
        while (thread.Load.Rows == 0)
        {
            await Task.Delay(1, Cancellation);
        }

        var bad = Enqueued(decoder: null);
        var behind = Enqueued(world.Model.Decoder);

        await Assert.ThrowsAsync<EngineFailedException>(() => bad);
        Assert.Equal(world.Alone(request), (await before).Text);
        Assert.Equal((await before).Text, (await behind).Text);
        Assert.Contains("ArgumentNullException", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_request_waits_for_its_memory_and_is_not_overtaken()
    {
        var (small, large) = (EngineWorld.Ask("Hi", world.Talkative(), tokens: 40), EngineWorld.Ask("Hi", world.Finetune(2, rank: 40, scaling: 4), tokens: Long));
        var alone = Bytes(large);
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 16, Bytes: alone + 1000));
        var order = new List<int>();
        Task Asked(AnswerRequest request, int number)
        {
            var answer = engine.Answer(request);
            return Task.Run(async () =>
            {
                await foreach (var piece in answer)
                {
                    lock (order)
                    {
                        order.Add(number);
                    }
                }
            });
        }

        await Task.WhenAll([Asked(small, 0), Asked(small, 1), Asked(large, 2), .. Enumerable.Range(3, 10).Select(number => Asked(small, number))]);

        // Those that came before it are done before it begins, and those after it begin when it is done.
        Assert.True(order.IndexOf(2) > Math.Max(order.LastIndexOf(0), order.LastIndexOf(1)));
        Assert.All(Enumerable.Range(3, 10), number => Assert.True(order.IndexOf(number) > order.LastIndexOf(2) - 5));
        Assert.Equal(0, engine.Load.Bytes);
    }

    [Fact]
    public async Task What_is_held_never_exceeds_the_limit_with_checkpoints_beside_diffs()
    {
        using var checkpoint = world.Checkpoint(92);
        var requests = Enumerable.Range(0, 30).Select(number => EngineWorld.Ask("Hi", number % 3 == 0 ? checkpoint : world.Finetune(40 + number, rank: 1 + (number % 5)), tokens: 30)).ToArray();
        var limit = 4 * requests.Max(Bytes);
        await using var engine = new Engine(world.Model, new EngineLimits(Bytes: limit));

        var all = Task.WhenAll(requests.Select(request => EngineWorld.Whole(engine.Answer(request))));
        var most = 0L;
        while (!all.IsCompleted)
        {
            most = Math.Max(most, engine.Load.Bytes);
            await Task.Delay(1, Cancellation);
        }

        Assert.InRange(most, limit / 4, limit);
        Assert.All(await all, answer => Assert.NotNull(answer.End));
    }

    [Fact]
    public async Task When_it_ends_all_that_are_waiting_are_told_so_in_a_sentence()
    {
        var engine = new Engine(world.Model, new EngineLimits(Rows: 1));
        var answers = Enumerable.Range(0, 4).Select(_ => EngineWorld.Whole(engine.Answer(EngineWorld.Ask("Hi", world.Talkative(), tokens: Long)))).ToArray();

        await engine.DisposeAsync();
        await engine.DisposeAsync();

        foreach (var answer in answers)
        {
            Assert.Contains("stopping", (await Assert.ThrowsAsync<StoppingException>(() => answer)).Message, StringComparison.Ordinal);
        }

        Assert.Throws<StoppingException>(() => engine.Answer(EngineWorld.Ask("Hi")));
        Assert.Equal(0, engine.Load.Rows);
    }

    private long Bytes(AnswerRequest request) => LiveGeneration.BytesAlone(
        world.Model.Decoder,
        new LiveRow(
            world.Model.Decoder, world.Model.Tokenizer.EncodePrompt(request.Messages), request.Settings, Dit.Models.Randomness.RandomStream.Named(1, "x"),
            (request.Finetune as Interpretation.LowRankFinetune)?.Adapter.Sites));
}
