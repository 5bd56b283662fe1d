namespace Dit.Models.Checkpoints.Torch;

/// <summary>The storages of a file, found by the ids under which its pickle refers to them.</summary>
internal sealed class TorchStorages(string path, string folder, IReadOnlyDictionary<string, ZipRecord> records)
{
    private readonly Dictionary<string, TorchStorage> known = new(StringComparer.Ordinal);

    /// <summary>The storage of a persistent id: ("storage", class, name of the record, where it lay, elements).</summary>
    /// <exception cref="DitException">It is no such id, there is no such record, or the record has another size.</exception>
    public TorchStorage Find(object? id)
    {
        if (id is not TorchTuple { Items: ["storage", PickleGlobals.StorageClass type, string key, string, long count] } || count < 0)
        {
            throw new DitException($"{path}: expected plain data and tensors, found a reference to something outside that is no storage");
        }

        if (known.TryGetValue(key, out var earlier))
        {
            return earlier.Type == type.Type && earlier.Count == count
                ? earlier
                : throw new DitException($"{path}: expected storage {Printable.Text(key)} to be of one type and size, found {earlier.Count} {earlier.Type} and {count} {type.Type}");
        }

        if (!records.TryGetValue($"{folder}/data/{key}", out var record))
        {
            throw new DitException($"{path}: expected a record {Printable.Text($"data/{key}")} with the numbers of a tensor, found none");
        }

        return (Int128)count * type.Size == record.Length
            ? known[key] = new TorchStorage(key, type.Type, type.Size, count, record.Position)
            : throw new DitException($"{path}: expected {(Int128)count * type.Size} bytes for {count} {type.Type} in record {Printable.Text($"data/{key}")}, found {record.Length}");
    }
}
