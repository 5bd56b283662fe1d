using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>Shape and settings of a decoder, as Hugging Face's config.json states them.</summary>
public sealed record ModelConfig
{
    /// <summary>The architecture's name in config.json.</summary>
    public string ModelType { get; init; } = "qwen3";

    /// <summary>Rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward part.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int LayerCount { get; init; }

    /// <summary>Query heads of a layer.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads of a layer; each serves HeadCount / KeyValueHeadCount query heads.</summary>
    public required int KeyValueHeadCount { get; init; }

    /// <summary>Width of a head; HeadCount times it need not be the hidden size.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Added to the mean square before its root is taken, in every norm.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary embedding's frequencies.</summary>
    public double RopeTheta { get; init; } = 1_000_000;

    /// <summary>The longest text the model was made for, in tokens.</summary>
    public int MaxPositions { get; init; } = 32_768;

    /// <summary>The output head is the embedding table.</summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>The type the model is meant to compute in; null where config.json does not say.</summary>
    public ScalarType? StoredType { get; init; }

    /// <summary>Reads a model folder's config.json.</summary>
    /// <exception cref="DitException">It is missing, damaged, of an architecture that is not supported, or makes no sense.</exception>
    public static ModelConfig Read(string folder) => ModelConfigReader.Read(Path.Combine(folder, "config.json"));
}
