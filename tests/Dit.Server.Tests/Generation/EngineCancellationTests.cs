using System.Diagnostics;
using TorchSharp;

namespace Dit.Server.Generation;

/// <summary>Whoever leaves frees what they had. Runs alone, as it counts tensors.</summary>
[Collection(nameof(EngineCancellationTests))]
[CollectionDefinition(nameof(EngineCancellationTests), DisableParallelization = true)]
public sealed class EngineCancellationTests(EngineWorld world) : IClassFixture<EngineWorld>
{
    private const int Long = 450;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_that_nobody_leaves_goes_on_to_its_limit()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());

        Assert.Equal(("length", Long), (await EngineWorld.Whole(Endless(engine))).End is { } end ? (end.Reason, end.AnswerTokens) : default);
        Assert.Equal(Long, engine.Load.Passes);
    }

    [Fact]
    public async Task A_cancelled_token_frees_the_row_of_an_answer_that_is_being_read()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        using var stop = new CancellationTokenSource();
        await using var answer = Endless(engine, stop.Token).GetAsyncEnumerator(Cancellation);
        Assert.True(await answer.MoveNextAsync());
        Assert.Equal(1, engine.Load.Rows);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (await answer.MoveNextAsync())
            {
            }
        });

        Assert.Equal(new EngineLoad(0, 0, 0, engine.Load.Passes), engine.Load);
        Assert.True(engine.Load.Passes < Long / 2);
    }

    [Fact]
    public async Task The_token_of_the_enumeration_does_the_same()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        using var stop = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in Endless(engine).WithCancellation(stop.Token))
            {
                await stop.CancelAsync();
            }
        });

        Assert.Equal(0, engine.Load.Rows);
        Assert.True(engine.Load.Passes < Long / 2);
    }

    [Fact]
    public async Task An_enumeration_that_is_left_early_frees_its_row()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());

        await foreach (var _ in Endless(engine))
        {
            break;
        }

        Assert.Equal(0, engine.Load.Rows);
        Assert.True(engine.Load.Passes < Long / 2);
    }

    [Fact]
    public async Task An_enumeration_that_never_moved_frees_its_row()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        var answer = Endless(engine).GetAsyncEnumerator(Cancellation);
        await Until(() => engine.Load.Rows == 1);

        await answer.DisposeAsync();

        Assert.Equal(0, engine.Load.Rows);
        Assert.True(engine.Load.Passes < Long / 2);
    }

    [Fact]
    public async Task A_cancelled_token_frees_the_row_of_an_answer_that_nobody_ever_reads()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        using var stop = new CancellationTokenSource();
        _ = Endless(engine, stop.Token);
        await Until(() => engine.Load.Rows == 1);

        await stop.CancelAsync();

        await Until(() => engine.Load.Rows == 0);
        Assert.True(engine.Load.Passes < Long / 2);
    }

    [Fact]
    public async Task One_that_is_cancelled_while_it_waits_leaves_the_queue_and_one_that_is_cancelled_before_never_begins()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 1, Waiting: 1));
        using var stop = new CancellationTokenSource();
        var first = Endless(engine).GetAsyncEnumerator(Cancellation);
        Assert.True(await first.MoveNextAsync());
        var second = EngineWorld.Whole(Endless(engine, stop.Token));
        Assert.Equal(1, engine.Load.Waiting);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal((1, 0), (engine.Load.Rows, engine.Load.Waiting));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EngineWorld.Whole(Endless(engine, stop.Token)));
        await first.DisposeAsync();
        Assert.Equal((0, 0), (engine.Load.Rows, engine.Load.Waiting));
    }

    [Fact]
    public async Task A_finetune_may_be_freed_as_soon_as_its_enumeration_is_over()
    {
        await using var engine = new Engine(world.Model, new EngineLimits());
        var other = EngineWorld.Ask("Tell me about the sea.", world.Finetune(1), tokens: 200);
        var going = EngineWorld.Whole(engine.Answer(other));
        for (var round = 0; round < 5; round++)
        {
            using var finetune = world.Own(round, rank: 3);
            using var checkpoint = world.Checkpoint(50 + round);
            await using var one = engine.Answer(EngineWorld.Ask("Hi", finetune, world.Adapter, tokens: Long)).GetAsyncEnumerator(Cancellation);
            await using var two = engine.Answer(EngineWorld.Ask("Hi", checkpoint, tokens: Long)).GetAsyncEnumerator(Cancellation);
            Assert.True(await one.MoveNextAsync() && await two.MoveNextAsync());
        }

        Assert.Equal(world.Alone(other), (await going).Text);
    }

    [Fact]
    public async Task Hundreds_of_requests_answered_and_broken_off_leave_no_tensor_behind()
    {
        await using var engine = new Engine(world.Model, new EngineLimits(Rows: 16));
        var finetunes = Enumerable.Range(60, 6).Select(seed => world.Finetune(seed, rank: 1 + (seed % 4))).ToArray();
        await Round();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = torch.Tensor.TotalCount;

        await Round();
        await Round();

        Assert.Equal(0, engine.Load.Rows);
        // No collection here: what only the collector could still free counts as left behind.
        Assert.True(torch.Tensor.TotalCount <= before, $"There were {before} tensors and are {torch.Tensor.TotalCount}.");

        async Task Round() => await Task.WhenAll(Enumerable.Range(0, 120).Select(async number =>
        {
            await using var answer = engine.Answer(EngineWorld.Ask("Hi", finetunes[number % 6], number % 2 == 0 ? world.Adapter : null, tokens: 3 + (number % 20))).GetAsyncEnumerator();
            while (await answer.MoveNextAsync() && number % 5 > 0)
            {
            }
        }));
    }

    private IAsyncEnumerable<AnswerPiece> Endless(Engine engine, CancellationToken cancellation = default) =>
        engine.Answer(EngineWorld.Ask("Tell me about the sea.", world.Talkative(), tokens: Long), cancellation);

    private static async Task Until(Func<bool> condition)
    {
        for (var waited = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(1));
            await Task.Delay(1, Cancellation);
        }
    }
}
