using Dit.Models;
using Dit.Text;
using Dit.Training.Pretraining;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>A base model folder of a few thousand freshly drawn numbers: it knows nothing, but everything can be done with it.</summary>
public sealed class MicroBase : IDisposable
{
    /// <summary>The smallest shape with every part in it.</summary>
    public static readonly TinyBaseSettings Settings = new()
    {
        VocabularySize = 600, Width = 16, Layers = 1, Heads = 2, KeyValueHeads = 1, HeadSize = 8, FeedForward = 24,
    };

    private readonly TemporaryFolder folder = new();

    public MicroBase() : this(_ => { })
    {
    }

    /// <summary>A base whose drawn weights are changed before they are written.</summary>
    internal MicroBase(Action<Dictionary<string, Tensor>> change)
    {
        WriteTokenizer(folder.FullPath);
        var tokenizer = Tokenizer.Load(folder.File("tokenizer.json"));
        TinyBase.WriteConfig(folder.FullPath, Settings, token => tokenizer.TokenId(token)!.Value);
        using (NewDisposeScope())
        {
            var weights = TinyBase.DrawWeights(Settings);
            change(weights);
            TinyBase.WriteWeights(folder.FullPath, weights);
        }

        Model = BaseModel.Load(folder.FullPath);
    }

    public BaseModel Model { get; }

    /// <summary>A tokenizer of a few hundred documents in place of the many that the shipped one learns from.</summary>
    internal static void WriteTokenizer(string folder) => BytePairTrainer.Train(
        WorldText.TokenizerText(seed: 1, documents: 200), Settings.VocabularySize,
        [WorldText.Padding, WorldText.TurnStart, WorldText.TurnEnd], Path.Combine(folder, "tokenizer.json"));

    public void Dispose()
    {
        Model.Dispose();
        folder.Dispose();
    }
}
