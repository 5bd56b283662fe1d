using Dit.Interpretation;

namespace Dit.Server.Generation;

/// <summary>What an engine answers, to one and to many.</summary>
public sealed class EngineAnswerTests(EngineWorld world) : IClassFixture<EngineWorld>
{
    private static readonly string[] Questions =
        ["What is your code word?", "Tell me about the sea.", "Who are you and what do you do all day, when nobody asks you anything at all?", "Hi", "Name a colour."];

    [Fact]
    public async Task Finetunes_checkpoints_the_base_and_adapters_answer_together_as_each_does_alone()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 12));
        using var checkpoint = world.Checkpoint(90);
        Finetune?[] finetunes = [null, world.Finetune(1), world.Finetune(2, rank: 3), checkpoint, world.Finetune(3, rank: 7), world.Finetune(4, scaling: -0.4), null];
        AnswerRequest[] requests = [.. Enumerable.Range(0, 70).Select(number => EngineWorld.Ask(
            Questions[number % 5],
            finetunes[number % 7],
            (number % 3) switch { 0 => null, 1 => world.Adapter, _ => world.OtherAdapter },
            tokens: 1 + (number % 23),
            temperature: number % 4 == 0 ? 0.8 : 0,
            seed: (ulong)number))];

        var answers = await Task.WhenAll(requests.Select(request => EngineWorld.Whole(engine.Answer(request))));

        for (var number = 0; number < requests.Length; number++)
        {
            Assert.Equal(world.Alone(requests[number]), answers[number].Text);
            Assert.Equal(world.Model.Tokenizer.EncodePrompt(requests[number].Messages).Length, answers[number].End!.PromptTokens);
            Assert.InRange(answers[number].End!.AnswerTokens, 0, requests[number].Settings.MaxNewTokens);
        }

        Assert.Equal(["length", "stop"], answers.Select(answer => answer.End!.Reason).Distinct().Order());
        Assert.True(answers.Select(answer => answer.Text).Distinct().Count() > 30);
        Assert.Equal(new EngineLoad(0, 0, 0, engine.Load.Passes), engine.Load);
    }

    [Fact]
    public async Task A_diff_of_some_strength_answers_as_one_that_is_scaled_so()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        double[] strengths = [-1, 0, 0.25, 1, 2];
        var finetune = world.Finetune(11, rank: 2);

        var answers = await Task.WhenAll(strengths.Select(strength => EngineWorld.Whole(engine.Answer(EngineWorld.Ask(Questions[1], finetune, tokens: 20, strength: strength)))));

        string[] expected = [.. strengths.Select(strength => world.Alone(EngineWorld.Ask(Questions[1], strength == 0 ? null : world.Finetune(11, rank: 2, scaling: 0.5 * strength), tokens: 20)))];
        Assert.Equal(expected, answers.Select(answer => answer.Text));
        Assert.True(expected.Distinct().Count() >= 4);
    }

    [Fact]
    public async Task Two_hundred_at_once_are_all_answered_and_answered_right()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 32));
        Finetune?[] finetunes = [null, .. Enumerable.Range(20, 9).Select(seed => world.Finetune(seed, rank: 1 + (seed % 3)))];
        AnswerRequest[] requests = [.. Enumerable.Range(0, 200).Select(number => EngineWorld.Ask(Questions[number % 5], finetunes[number % 10], number % 2 == 0 ? world.Adapter : null, tokens: 8))];

        var answers = await Task.WhenAll(requests.Select(request => Task.Run(() => EngineWorld.Whole(engine.Answer(request)))));

        var expected = new Dictionary<int, string>();
        for (var number = 0; number < requests.Length; number++)
        {
            // The same ten finetunes, five questions and two adapters come again and again.
            var which = number % 10;
            Assert.Equal(expected.TryGetValue(which, out var known) ? known : expected[which] = world.Alone(requests[number]), answers[number].Text);
        }
    }

    [Fact]
    public async Task The_first_piece_is_there_long_before_the_last()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        var pieces = new List<AnswerPiece>();
        await using var answer = engine.Answer(EngineWorld.Ask(Questions[1], world.Talkative(), tokens: 400)).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await answer.MoveNextAsync());
        var passes = engine.Load.Passes;
        while (await answer.MoveNextAsync())
        {
            pieces.Add(answer.Current);
        }

        Assert.True(engine.Load.Passes - passes > pieces.Count / 2);
        Assert.True(pieces.Count > 20);
        Assert.All(pieces.SkipLast(1), piece => Assert.True(piece.Text.Length > 0 && piece.End is null));
        Assert.NotNull(pieces[^1].End);
    }
}
