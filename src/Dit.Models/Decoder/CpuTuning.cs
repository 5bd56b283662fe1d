using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Decoding;

/// <summary>
/// Settings of the process that make libtorch faster on a CPU and leave every result in full 32-bit precision. They are of the whole
/// process, so a program asks for them when it starts; the library never does so by itself.
/// </summary>
public static partial class CpuTuning
{
    // at::Float32Backend, at::Float32Op and at::Float32Precision of libtorch 2.10.
    private const int BackendOneDnn = 2, OpMatrixProduct = 3, PrecisionUnset = 0, PrecisionReduced = 3;

    // Parameters of glibc's mallopt.
    private const int TrimThreshold = -1, TopPadding = -2, MappingThreshold = -3;

    /// <summary>
    /// Applies what helps on this machine; does nothing where a setting is not known. Call it before anything else of libtorch.
    /// </summary>
    public static void Apply()
    {
        WaitAsleep();
        KeepFreedMemory();
        KeepFewerKernels();
        UseFasterProducts();
    }

    /// <summary>Takes no more threads than leave as many to every other of so many processes that compute on this machine; what the user has set stays.</summary>
    public static void ShareCores(int processes)
    {
        if (processes > 1 && Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
        {
            set_num_threads(Math.Max(1, get_num_threads() / processes));
        }
    }

    /// <summary>
    /// Threads that wait for one another spin for milliseconds. On cores that another program uses too, each of a step's hundreds of waits
    /// then lasts a slice of the scheduler's time, and a step twenty times as long as it should. The OpenMP library reads this when it is
    /// loaded, from the C environment, which .NET's own does not change; what the user has set stays.
    /// </summary>
    private static void WaitAsleep()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            Quietly(() => _ = SetVariable("GOMP_SPINCOUNT", "2000", 0));
        }
    }

    /// <summary>
    /// oneDNN and what lies between it and libtorch keep what they have compiled for the last thousand shapes of products each. A training whose rows are
    /// of ever other lengths fills both, half a gigabyte with the holes that they leave in memory. Read when libtorch is loaded; what the user has set stays.
    /// </summary>
    private static void KeepFewerKernels()
    {
        foreach (var name in new[] { "ONEDNN_PRIMITIVE_CACHE_CAPACITY", "LRU_CACHE_CAPACITY" })
        {
            if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(name) is null)
            {
                Quietly(() => _ = SetVariable(name, "400", 0));
            }
        }
    }

    /// <summary>
    /// glibc gives blocks of some megabytes back to the system when they are freed, and the next step's activations then cost a page
    /// fault for every 4 KiB: a sixth of the time of a training step. So freed memory stays in the process.
    /// </summary>
    private static void KeepFreedMemory()
    {
        if (OperatingSystem.IsLinux())
        {
            Quietly(() =>
            {
                // The most that glibc takes. Larger ones, which are few, it maps and gives back.
                _ = MallocOption(MappingThreshold, 32 << 20);
                _ = MallocOption(TrimThreshold, int.MaxValue);
                _ = MallocOption(TopPadding, 64 << 20);
            });
        }
    }

    /// <summary>Gives the system what is free and kept, where something large is about to be asked for that nothing of it can hold.</summary>
    internal static void GiveBackFreedMemory()
    {
        if (OperatingSystem.IsLinux())
        {
            Quietly(() => _ = TrimFreed(0));
        }
    }

    /// <summary>
    /// MKL, which computes libtorch's products, uses half of what an AMD processor can do with AVX-512. oneDNN uses all of it and is asked
    /// when products of reduced precision are allowed. Without special units it computes them in full precision all the same; where a
    /// product shows that it does not, the setting is taken back.
    /// </summary>
    private static void UseFasterProducts()
    {
        if (!Avx512F.IsSupported || Vendor() != "AuthenticAMD")
        {
            return;
        }

        using var scope = NewDisposeScope();
        // Digits that 16-bit and 19-bit floats do not have. This also makes sure that libtorch is loaded.
        var precise = Arithmetic.Full([64, 64], 1 + 1.0 / (1 << 20), ScalarType.Float32);
        Quietly(() =>
        {
            var context = GlobalContext();
            SetPrecision(context, BackendOneDnn, OpMatrixProduct, PrecisionReduced);
            if (!precise.mm(eye(64)).eq(precise).all().item<bool>())
            {
                SetPrecision(context, BackendOneDnn, OpMatrixProduct, PrecisionUnset);
            }
        });
    }

    private static string Vendor()
    {
        var (_, b, c, d) = X86Base.CpuId(0, 0);
        return Encoding.ASCII.GetString([.. BitConverter.GetBytes(b), .. BitConverter.GetBytes(d), .. BitConverter.GetBytes(c)]);
    }

    private static void Quietly(Action tune)
    {
        try
        {
            tune();
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library or another libtorch: it works as well, only slower.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MallocOption(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int TrimFreed(nuint kept);

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at13globalContextEv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial nint GlobalContext();

    [LibraryImport("libtorch_cpu", EntryPoint = "_ZN2at7Context19setFloat32PrecisionENS_14Float32BackendENS_9Float32OpENS_16Float32PrecisionE")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial void SetPrecision(nint context, int backend, int operation, int precision);
}
