using System.Runtime.InteropServices;
using Dit.Models.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// The threads of the layers of a pass that is so small that they would wait for one another longer than they compute: one, until this is disposed of.
/// Other threads of the process keep theirs. Where MKL was given a number of its own (by MKL_NUM_THREADS, or libtorch's set_num_threads) it keeps to that.
/// </summary>
internal readonly partial struct PassThreads : IDisposable
{
    // Of a product, on average. With twice as many a pass of the tiny model takes as long on one thread as on two, with a tenth of them two thirds as long.
    private const double FewestOperations = 3e6;

    // Weights that no cache holds are read from memory, where two threads are faster whatever they compute, and products in 16 bits are slow on one.
    private const double MostNumbers = 1e5;

    private readonly int former;

    private PassThreads(int former) => this.former = former;

    /// <summary>Whether there is a choice: more than one thread, and a libtorch that can be told.</summary>
    public static bool CanBeChosen { get; } = Probed();

    /// <summary>For a pass over so many tokens, in all rows together.</summary>
    public static PassThreads For(Decoder model, long tokens)
    {
        var numbers = model.Sites.Average(site => (double)site.InFeatures * site.OutFeatures);
        var isSmall = numbers <= MostNumbers && 2 * tokens * numbers < FewestOperations;
        if (!CanBeChosen || !isSmall || model.Type != ScalarType.Float32 || model.Kept != KeptWeights.AsComputed || model.Device.type != DeviceType.CPU)
        {
            return default;
        }

        // Asked first, as libtorch sets the number when a thread first asks.
        var threads = new PassThreads(get_num_threads());
        SetThreads(1);
        return threads;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (former > 0)
        {
            SetThreads(former);
        }
    }

    private static bool Probed()
    {
        try
        {
            var threads = get_num_threads();
            SetThreads(threads);
            return threads > 1;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another libtorch: it works as well, only slower.
            return false;
        }
    }

    // Of the calling thread only, unlike libtorch's own function; found among the libraries that libtorch's needs.
    [LibraryImport("libtorch_cpu", EntryPoint = "omp_set_num_threads")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static partial void SetThreads(int threads);
}
