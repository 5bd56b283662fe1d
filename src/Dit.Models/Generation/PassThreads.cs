using System.Runtime.InteropServices;
using Dit.Models.Decoding;
using static TorchSharp.torch;

namespace Dit.Models.Generation;

/// <summary>
/// The threads of a part of a pass that is so small that they would wait for one another longer than they compute: one, until this is disposed of. Other
/// threads of the process keep theirs.
/// </summary>
internal readonly partial struct PassThreads : IDisposable
{
    // Of a product. With as many a pass of the tiny model took as long on one thread as on two; with a tenth of them, two thirds as long.
    private const double FewestOperations = 5e6;

    private static readonly bool CanBeChosen = Probed();

    private readonly int former;

    private PassThreads(int former) => this.former = former;

    /// <summary>For the layers of a pass over so many tokens, in all rows together.</summary>
    public static PassThreads ForLayers(Decoder model, long tokens) => For(model, 2.0 * tokens * model.Sites.Average(site => (double)site.InFeatures * site.OutFeatures));

    /// <summary>For the scores of what follows in so many rows.</summary>
    public static PassThreads ForLogits(Decoder model, long rows) => For(model, 2.0 * rows * model.Config.VocabularySize * model.Config.HiddenSize);

    private static PassThreads For(Decoder model, double operations)
    {
        if (!CanBeChosen || model.Device.type != TorchSharp.DeviceType.CPU || operations >= FewestOperations)
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
