using Dit.Files;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>Writes files that Python's torch.load reads, with weights_only as well: whole or not at all, the same bytes for the same data.</summary>
public static class TorchWriter
{
    // torch names it after the file; a fixed name keeps the bytes independent of that.
    private const string Folder = "archive";

    /// <summary>Writes plain data and tensors.</summary>
    /// <param name="path">The file to write or to replace.</param>
    /// <param name="root">
    /// null, bool, int, long, double, string, a tensor of any device, a <see cref="TorchTuple"/>, a list (of object), or pairs of names and
    /// values (a dict), nested at will.
    /// </param>
    /// <exception cref="DitException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">There is something that a torch file cannot hold.</exception>
    public static void Write(string path, object? root)
    {
        var (pickle, storages) = PickleWriter.Write(root);
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipWriter(stream);
            Add("data.pkl", pickle);
            Add("byteorder", "little"u8.ToArray());
            for (var i = 0; i < storages.Count; i++)
            {
                using var scope = NewDisposeScope();
                var numbers = storages[i].detach().cpu().contiguous();
                zip.Add($"{Folder}/data/{i}", numbers.numel() * numbers.element_size(), take => TensorBytes.Visit(numbers, take));
            }

            Add("version", "3\n"u8.ToArray());
            zip.Finish();

            void Add(string name, byte[] bytes) => zip.Add($"{Folder}/{name}", bytes.Length, take => take(bytes, 0));
        });
    }
}
