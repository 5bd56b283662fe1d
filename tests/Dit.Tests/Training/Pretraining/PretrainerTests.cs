using Dit.Models;

namespace Dit.Training.Pretraining;

/// <summary>Whatever happens to a pretraining on its way, its model is the one of an undisturbed run.</summary>
public sealed class PretrainerTests
{
    private static readonly TinyBaseSettings Settings = MicroBase.Settings with { Steps = 8, TokensPerStep = 300 };

    // Seconds differ from run to run, and a checkpoint tells where a run was stopped.
    private static readonly string[] NotResults = ["metrics.jsonl", "checkpoint.safetensors"];

    [Fact]
    public void A_pretraining_gives_a_base_model_that_can_be_loaded()
    {
        using var folder = Prepared();

        var path = Run(folder, Told.Nothing);

        using var model = BaseModel.Load(path);
        Assert.Equal(Settings.Width, model.Decoder.Config.HiddenSize);
        Assert.All(model.Decoder.Weights.Values, weight => Assert.True(weight.isfinite().all().item<bool>()));
        Assert.Equal(Settings.Steps, File.ReadLines(folder.File("metrics.jsonl")).Count());
    }

    [Fact]
    public void A_stopped_and_then_a_killed_pretraining_goes_on_to_the_same_bits()
    {
        using var undisturbed = Prepared();
        using var disturbed = Prepared();
        Run(undisturbed, Told.Nothing);
        Assert.Throws<OperationCanceledException>(() => Run(disturbed, Told.Cancel(after: 3)));
        Assert.Throws<KilledException>(() => Run(disturbed, Told.Kill(after: 6)));

        var steps = 0;
        Run(disturbed, new Told(_ => steps++));

        Assert.Equal(5, steps);
        Assert.Equal(FolderBytes.Of(undisturbed.FullPath, NotResults), FolderBytes.Of(disturbed.FullPath, NotResults));
        Assert.Equal(Losses(undisturbed), Losses(disturbed));
    }

    [Fact]
    public void A_pretraining_with_other_settings_is_refused()
    {
        using var folder = Prepared();

        var error = Assert.Throws<DitException>(() => Run(folder, Told.Nothing, Settings with { Seed = 2 }));

        Assert.Equal($"{folder.File("run.json")}: expected a run with the same settings to go on with, found other values of Seed", error.Message);
    }

    /// <summary>A run that already has its tokenizer: a small one, as all the whole words and documents of the real one take long.</summary>
    private static TemporaryFolder Prepared()
    {
        var folder = new TemporaryFolder();
        RunFolder.OpenOrCreate(folder.FullPath, "pretraining", Settings);
        MicroBase.WriteTokenizer(folder.File("model"));
        return folder;
    }

    private static string Run(TemporaryFolder folder, Told told, TinyBaseSettings? settings = null) =>
        Pretrainer.Run(folder.FullPath, settings ?? Settings, told, told.Cancellation);

    private static string[] Losses(TemporaryFolder folder) => [.. File.ReadLines(folder.File("metrics.jsonl")).Select(line => line[..line.IndexOf(",\"seconds\"", StringComparison.Ordinal)])];
}
