using Dit.Files;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Checkpoints.Torch;

namespace Dit.Models.Decoding;

/// <summary>A whole state dict out of a torch file as a Hugging Face folder, so that everything that takes a checkpoint takes it.</summary>
public static class StateDictFolder
{
    /// <summary>Writes the folder: names, shards, settings and tokenizer of the base, the file's numbers in the file's types.</summary>
    /// <param name="folder">A new or empty folder.</param>
    /// <param name="file">The file.</param>
    /// <param name="item">An item of it that is a whole model.</param>
    /// <param name="baseFolder">The base.</param>
    /// <exception cref="DitException">The weights are not those of such a model, or a folder cannot be read or written.</exception>
    public static void Write(string folder, WeightDiffFile file, WeightDiffItem item, string baseFolder)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(item);
        var config = ModelConfig.Read(baseFolder);
        var weights = StateDict.Find(file, item, config);
        using var basis = CheckpointFolder.Open(baseFolder);
        AtomicFolder.Write(folder, partial => ModelFolderCopy.Fill(partial, basis, Pending));

        PendingTensor Pending(TensorInfo info)
        {
            var name = WeightNames.Canonical(info.Name);
            // The image part of a multimodal base may be in the file or not; a tied head is the embeddings once more.
            var found = weights.GetValueOrDefault(name == WeightLayout.Head && config.TiedEmbeddings ? WeightLayout.Embedding : name) ?? item.WeightDiff[info.Name] as TorchTensor;
            if (found is null)
            {
                return new PendingTensor(info.Name, info.Type, info.Shape, () => basis.Load(info.Name));
            }

            return found.Shape.AsSpan().SequenceEqual(info.Shape)
                ? new PendingTensor(info.Name, found.Type, found.Shape, () => file.Load(found))
                : throw new DitException($"{file.FilePath}: {info.Name}: expected shape [{string.Join(", ", info.Shape)}], found [{string.Join(", ", found.Shape)}]");
        }
    }
}
