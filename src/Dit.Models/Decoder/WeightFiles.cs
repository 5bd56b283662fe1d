using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// The weights of a model folder one at a time, as they are stored, under the names the decoder knows them by; for what looks at a model
/// without running it. Names, shapes and types are checked when the folder is opened, numbers are read on request.
/// </summary>
public sealed class WeightFiles : IDisposable
{
    /// <summary>Name of the embedding table, [tokens, hidden].</summary>
    public const string Embedding = WeightLayout.Embedding;

    /// <summary>Name of the output head, of the same shape.</summary>
    public const string Head = WeightLayout.Head;

    private readonly CheckpointFolder files;

    private WeightFiles(CheckpointFolder files, ModelConfig config)
    {
        (this.files, Config) = (files, config);
        Shapes = WeightLayout.Shapes(config).ToDictionary(StringComparer.Ordinal);
        Sites = [.. WeightLayout.Sites(config)];
    }

    /// <summary>The folder as it was named when opening.</summary>
    public string Folder => files.FolderPath;

    /// <summary>The model's settings.</summary>
    public ModelConfig Config { get; }

    /// <summary>Names and shapes of all weights. A tied output head is none of them.</summary>
    public IReadOnlyDictionary<string, long[]> Shapes { get; }

    /// <summary>All linear layers where something can be added, in the order of the computation.</summary>
    public IReadOnlyList<Site> Sites { get; }

    /// <summary>Opens a folder and checks that it holds all the weights its config.json asks for, and no others.</summary>
    /// <exception cref="DitException">Something is missing, damaged, not supported, or does not fit together.</exception>
    public static WeightFiles Open(string folder)
    {
        var config = ModelConfig.Read(folder);
        var opened = CheckpointFolder.Open(folder);
        try
        {
            Check(opened, config);
            return new WeightFiles(opened, config);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>A weight in its stored type; the caller's to dispose, and not to be written to. The output head of a tied model is its embeddings.</summary>
    /// <exception cref="DitException">There is no such weight.</exception>
    public Tensor Load(string name) => files.Load(name == WeightLayout.Head && Config.TiedEmbeddings ? WeightLayout.Embedding : name);

    /// <inheritdoc/>
    public void Dispose() => files.Dispose();

    private static void Check(CheckpointFolder files, ModelConfig config)
    {
        try
        {
            WeightLayout.CheckNames(config, files.TensorNames);
        }
        catch (DitException e)
        {
            throw new DitException($"{files.FolderPath}: {e.Message}", e);
        }

        foreach (var (name, shape) in WeightLayout.Shapes(config))
        {
            var found = files.Info(name);
            if (!found.Shape.AsSpan().SequenceEqual(shape))
            {
                throw new DitException($"{files.FolderPath}: {name}: expected shape [{string.Join(", ", shape)}], found [{string.Join(", ", found.Shape)}].");
            }

            if (found.Type is not (ScalarType.Float32 or ScalarType.BFloat16 or ScalarType.Float16 or ScalarType.Float64))
            {
                throw new DitException($"{files.FolderPath}: {name}: expected floating-point numbers, found {found.Type}.");
            }
        }

        if (config.TiedEmbeddings && files.TensorNames.Contains(WeightLayout.Head))
        {
            RequireTied(files);
        }
    }

    /// <summary>Some readers would take such a head for the output, others the embeddings: nobody can say which model this is.</summary>
    private static void RequireTied(CheckpointFolder files)
    {
        using var scope = NewDisposeScope();
        var (embedding, head) = (files.Load(WeightLayout.Embedding), files.Load(WeightLayout.Head));
        if (!RowPieces.Holds(head, embedding))
        {
            throw new DitException(
                $"{files.FolderPath}: expected {WeightLayout.Head} to be the embeddings once more, as tie_word_embeddings in config.json says, found other numbers.");
        }
    }
}
