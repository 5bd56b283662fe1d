using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>Writes plain data and tensors as the pickle (protocol 2) that torch.save would write, for torch.load(weights_only=True) to read.</summary>
internal sealed class PickleWriter : IDisposable
{
    private readonly MemoryStream output = new();
    private readonly Dictionary<string, uint> memo = new(StringComparer.Ordinal);
    private readonly List<Tensor> storages = [];

    private PickleWriter()
    {
    }

    /// <summary>The pickle, and the tensors whose numbers are to be kept under 0, 1, …</summary>
    /// <exception cref="ArgumentException">There is something that a torch file cannot hold.</exception>
    public static (byte[] Pickle, IReadOnlyList<Tensor> Storages) Write(object? root)
    {
        using var writer = new PickleWriter();
        writer.Code(0x80, 2);
        writer.Value(root);
        writer.Code((byte)'.');
        return (writer.output.ToArray(), writer.storages);
    }

    public void Dispose() => output.Dispose();

    private void Value(object? value)
    {
        switch (value)
        {
            case null:
                Code((byte)'N');
                break;
            case bool flag:
                Code(flag ? (byte)0x88 : (byte)0x89);
                break;
            case int number:
                Integer(number);
                break;
            case long number:
                Integer(number);
                break;
            case double number:
                Span<byte> bytes = stackalloc byte[sizeof(double)];
                BinaryPrimitives.WriteDoubleBigEndian(bytes, number);
                Code((byte)'G');
                output.Write(bytes);
                break;
            case string text:
                Once("text " + text, () => Text(text));
                break;
            case Tensor tensor:
                Rebuild(tensor);
                break;
            case TorchTuple tuple:
                Tuple(tuple.Items);
                break;
            case IEnumerable<KeyValuePair<string, object?>> entries:
                Code((byte)'}', (byte)'(');
                foreach (var (key, entry) in entries)
                {
                    Value(key);
                    Value(entry);
                }

                Code((byte)'u');
                break;
            case IReadOnlyList<object?> items:
                Code((byte)']', (byte)'(');
                foreach (var item in items)
                {
                    Value(item);
                }

                Code((byte)'e');
                break;
            default:
                throw new ArgumentException($"A torch file cannot hold a {value.GetType().Name}.", nameof(value));
        }
    }

    private void Rebuild(Tensor tensor)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Code((byte)'(');
        Code((byte)'(');
        Value("storage");
        Global("torch", PickleGlobals.Size(tensor.dtype) is null
            ? throw new ArgumentException($"A torch file written here cannot hold a tensor of {tensor.dtype}.", nameof(tensor))
            : PickleGlobals.StorageName(tensor.dtype));
        Text($"{storages.Count}");
        Value("cpu");
        Integer(tensor.numel());
        Code((byte)'t', (byte)'Q');
        Integer(0);
        Tuple([.. tensor.shape.Select(size => (object)size)]);
        Tuple([.. Strides(tensor.shape).Select(stride => (object)stride)]);
        Value(false);
        Global("collections", "OrderedDict");
        Code((byte)')', (byte)'R', (byte)'t', (byte)'R');
        storages.Add(tensor);
    }

    private static IEnumerable<long> Strides(long[] shape) => shape.Select((_, i) => shape.Skip(i + 1).Aggregate(1L, (product, size) => product * Math.Max(1, size)));

    private void Tuple(IReadOnlyList<object?> items)
    {
        Code((byte)'(');
        foreach (var item in items)
        {
            Value(item);
        }

        Code((byte)'t');
    }

    private void Integer(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        switch (number)
        {
            case >= 0 and <= byte.MaxValue:
                Code((byte)'K');
                output.Write(bytes[..1]);
                break;
            case >= int.MinValue and <= int.MaxValue:
                Code((byte)'J');
                output.Write(bytes[..4]);
                break;
            default:
                Code(0x8a, sizeof(long));
                output.Write(bytes);
                break;
        }
    }

    private void Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Code((byte)'X');
        UInt32((uint)bytes.Length);
        output.Write(bytes);
    }

    private void Global(string module, string name) => Once($"global {module}.{name}", () => output.Write(Encoding.ASCII.GetBytes($"c{module}\n{name}\n")));

    /// <summary>Writes something the first time, and afterwards that it is that again: names come very often.</summary>
    private void Once(string what, Action write)
    {
        if (memo.TryGetValue(what, out var place))
        {
            Code((byte)'j');
            UInt32(place);
            return;
        }

        write();
        place = (uint)memo.Count;
        memo.Add(what, place);
        Code((byte)'r');
        UInt32(place);
    }

    private void UInt32(uint number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        output.Write(bytes);
    }

    private void Code(params ReadOnlySpan<byte> codes) => output.Write(codes);
}
