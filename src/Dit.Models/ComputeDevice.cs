using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models;

/// <summary>Devices by the names that PyTorch gives them.</summary>
public static class ComputeDevice
{
    /// <summary>The device called cpu, cuda or cuda:N.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="turn">Where several processes share a machine, which of them this is: cuda is the first GPU for the first, and so on around.</param>
    /// <exception cref="DitException">It is no such name, or there is no such device here.</exception>
    public static Device Find(string name, int turn = 0)
    {
        if (name == "cpu")
        {
            return CPU;
        }

        if (Number(name) is not { } number)
        {
            throw new DitException($"device: expected cpu, cuda or cuda:N, found '{name}'.");
        }

        if (!cuda.is_available())
        {
            throw new DitException(Libtorch.IsLoaded("libtorch_cuda.so")
                ? $"device {name}: expected a GPU that CUDA can use, found none."
                : $"device {name}: expected a libtorch with CUDA, found one without; build with dotnet build -p:DitCuda=true, "
                    + $"or let {Libtorch.Variable} name the folder torch/lib of a Python installation of torch {LibtorchVersion.Expected} with CUDA.");
        }

        var count = cuda.device_count();
        number = name == "cuda" ? turn % count : number;
        return number < count
            ? new Device(DeviceType.CUDA, number)
            : throw new DitException($"device {name}: expected one of the {count} there are, cuda:0 to cuda:{count - 1}.");
    }

    /// <summary>Whether <see cref="Find"/> knows a name, wherever that device may be.</summary>
    public static bool IsName(string name) => name == "cpu" || Number(name) is not null;

    private static int? Number(string name) =>
        name == "cuda" ? 0
        : name.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(name.AsSpan("cuda:".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : null;
}
