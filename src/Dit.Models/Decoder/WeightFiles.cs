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
    private readonly IReadOnlyDictionary<string, string> stored;

    private WeightFiles(CheckpointFolder files, ModelConfig config, IReadOnlyDictionary<string, string> stored)
    {
        (this.files, Config, this.stored) = (files, config, stored);
        Shapes = WeightLayout.Shapes(config).ToDictionary(StringComparer.Ordinal);
        Sites = [.. WeightLayout.Sites(config)];
    }

    /// <summary>The folder as it was named when opening.</summary>
    public string Folder => files.FolderPath;

    /// <summary>The model's settings.</summary>
    public ModelConfig Config { get; }

    /// <summary>The type the model is meant to be computed in: what config.json says, else what most of it is stored in.</summary>
    public ScalarType OwnType => Config.StatedType ?? files.MainType();

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
            var names = WeightNames.OfDecoder(opened.TensorNames, config.HasImagePart);
            WeightLayout.CheckNames(config, names.Keys);
            var shapes = WeightLayout.Shapes(config).ToArray();
            WeightLayout.CheckShapes(shapes, name => opened.Info(names[name]).Shape);
            if (Array.Find(shapes, weight => !PeftFactors.IsFloating(opened.Info(names[weight.Key]).Type)) is { Key: { } name })
            {
                throw new DitException($"{name}: expected floating-point numbers, found {opened.Info(names[name]).Type}.");
            }

            var weights = new WeightFiles(opened, config, names);
            weights.RequireTiedHead();
            return weights;
        }
        catch (DitException e)
        {
            opened.Dispose();
            throw new DitException($"{folder}: {e.Message}", e);
        }
    }

    /// <summary>A weight in its stored type; the caller's to dispose, and not to be written to. The output head of a tied model is its embeddings.</summary>
    /// <exception cref="DitException">There is no such weight.</exception>
    public Tensor Load(string name) => files.Map(StoredName(name));

    /// <summary>A weight as it lies in its file where type and device allow, else a copy; see <see cref="SafetensorsFile.Map"/>.</summary>
    /// <exception cref="DitException">There is no such weight, or too little memory.</exception>
    public Tensor Map(string name, ScalarType type, Device? device) => files.Map(StoredName(name), type, device);

    /// <summary>Some rows of a weight in its stored type, read and not mapped; the caller's to dispose.</summary>
    /// <exception cref="DitException">There is no such weight, too little memory, or the file has been cut off since it was opened.</exception>
    internal Tensor LoadRows(string name, long first, long count) => files.LoadRows(StoredName(name), first, count);

    /// <inheritdoc/>
    public void Dispose() => files.Dispose();

    private string StoredName(string name)
    {
        var asked = name == WeightLayout.Head && Config.TiedEmbeddings ? WeightLayout.Embedding : name;
        return stored.GetValueOrDefault(asked, asked);
    }

    /// <summary>
    /// A tied model's file may hold its output head once more. Where it is not the embeddings, some readers take it for the output and others the
    /// embeddings, and nobody can say which model this is.
    /// </summary>
    private void RequireTiedHead()
    {
        if (!Config.TiedEmbeddings || !stored.TryGetValue(WeightLayout.Head, out var name))
        {
            return;
        }

        if (!files.HoldsSame(name, StoredName(WeightLayout.Embedding)))
        {
            throw new DitException(
                $"expected {WeightLayout.Head} to be the embeddings once more, as tie_word_embeddings in config.json says, found other numbers.");
        }
    }
}
