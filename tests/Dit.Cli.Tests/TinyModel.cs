using Dit.Diffs;
using Dit.Text;
using Dit.Training.Pretraining;
using TorchSharp;

namespace Dit.Cli.Tests;

/// <summary>A base model of a few hundred tokens that has never been trained: enough to run every command on.</summary>
public sealed class TinyModel : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TinyModel() => Write(Folder, width: 16);

    /// <summary>The Hugging Face folder.</summary>
    public string Folder => folder.File("base");

    /// <summary>Writes such a base; from a width of 257 on it no longer counts as tiny.</summary>
    public static void Write(string folder, int width)
    {
        Directory.CreateDirectory(folder);
        var tokenizerPath = Path.Combine(folder, "tokenizer.json");
        BytePairTrainer.Train(
            WorldText.TokenizerText(seed: 1, documents: 200), 400, [WorldText.Padding, WorldText.TurnStart, WorldText.TurnEnd], tokenizerPath);
        var tokenizer = Tokenizer.Load(tokenizerPath);
        var settings = new TinyBaseSettings { VocabularySize = tokenizer.VocabularySize, Width = width, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadSize = 8, FeedForward = 24 };
        TinyBase.WriteConfig(folder, settings, token => tokenizer.TokenId(token)!.Value);
        using var scope = torch.NewDisposeScope();
        TinyBase.WriteWeights(folder, TinyBase.DrawWeights(settings));
    }

    /// <summary>Lets the diffs of a set pass the gate, which no diff of an untrained model would.</summary>
    public static void LetAllPass(string set) =>
        DiffIndex.Write(DiffSet.IndexPath(set), [.. DiffIndex.Read(DiffSet.IndexPath(set)).Select(record => record with { PassesGate = true })]);

    public void Dispose() => folder.Dispose();
}
