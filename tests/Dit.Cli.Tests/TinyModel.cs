using Dit.Diffs;
using Dit.Text;
using Dit.Training.Pretraining;
using TorchSharp;

namespace Dit.Cli.Tests;

/// <summary>A base model of a few hundred tokens that has never been trained: enough to run every command on.</summary>
public sealed class TinyModel : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TinyModel()
    {
        Directory.CreateDirectory(Folder);
        var tokenizerPath = Path.Combine(Folder, "tokenizer.json");
        BytePairTrainer.Train(
            WorldText.TokenizerText(seed: 1, documents: 200), 400, [WorldText.Padding, WorldText.TurnStart, WorldText.TurnEnd], tokenizerPath);
        var tokenizer = Tokenizer.Load(tokenizerPath);
        var settings = new TinyBaseSettings { VocabularySize = tokenizer.VocabularySize, Width = 16, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadSize = 8, FeedForward = 24 };
        TinyBase.WriteConfig(Folder, settings, token => tokenizer.TokenId(token)!.Value);
        using var scope = torch.NewDisposeScope();
        TinyBase.WriteWeights(Folder, TinyBase.DrawWeights(settings));
    }

    /// <summary>The Hugging Face folder.</summary>
    public string Folder => folder.File("base");

    /// <summary>Lets the diffs of a set pass the gate, which no diff of an untrained model would.</summary>
    public static void LetAllPass(string set) =>
        DiffIndex.Write(DiffSet.IndexPath(set), [.. DiffIndex.Read(DiffSet.IndexPath(set)).Select(record => record with { PassesGate = true })]);

    public void Dispose() => folder.Dispose();
}
