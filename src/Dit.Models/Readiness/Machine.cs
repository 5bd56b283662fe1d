using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Dit.Models.Readiness;

/// <summary>What this machine offers.</summary>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Threads">Threads that libtorch computes with.</param>
/// <param name="Vectors">The widest vector instructions; empty where that is not known.</param>
/// <param name="Libtorch">Version of the libtorch in use.</param>
/// <param name="CudaDevices">GPUs that it can use.</param>
/// <param name="Memory">How much there is.</param>
public sealed record Machine(int Cores, int Threads, string Vectors, string Libtorch, int CudaDevices, MachineMemory Memory)
{
    /// <summary>Looks at this machine.</summary>
    public static Machine Read()
    {
        var devices = cuda.is_available() ? cuda.device_count() : 0; // Also makes sure that libtorch is loaded.
        return new Machine(Environment.ProcessorCount, get_num_threads(), WidestVectors(), LibtorchInUse(), devices, MachineMemory.Read());
    }

    private static string WidestVectors() => Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported ? "NEON" : "";

    private static string LibtorchInUse() => Models.Libtorch.PathOf("libtorch_cpu.so") is { } path && NativeLibrary.TryLoad(path, out var library)
        ? LibtorchVersion.Exported(library)
        : LibtorchVersion.Expected;
}
