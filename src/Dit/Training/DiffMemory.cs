using Dit.Diffs;
using Dit.Models.Decoding;
using Dit.Models.Readiness;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Training;

/// <summary>
/// How many diffs are in memory at once. It follows from the sizes of base and diff alone and not from the machine: how many rows a product
/// has decides its last bits, and the same run is to give the same bits everywhere.
/// </summary>
public static class DiffMemory
{
    /// <summary>What the diffs trained side by side may take, with all that training keeps of them.</summary>
    internal const double MostBytesInTraining = 8e9;

    private const double MostBytesCarried = 2e9;

    /// <summary>How many diffs are trained side by side: as many as are wanted, or fewer where they are large, but one at least.</summary>
    /// <param name="sites">The base's.</param>
    /// <param name="recipe">The rank of a diff.</param>
    /// <param name="wanted">The most there are to be.</param>
    /// <param name="mostBytes">What they may take together.</param>
    public static int SideBySide(IReadOnlyList<Site> sites, DiffRecipe recipe, int wanted, double mostBytes = MostBytesInTraining) =>
        Fitting(mostBytes, BytesInTraining(sites, recipe), wanted);

    /// <summary>How many rows of a batch may carry a diff each: as many as are wanted, or fewer where diffs are large, but one at least.</summary>
    internal static int Rows(DiffStack diffs, int wanted) => Fitting(MostBytesCarried, diffs.ParametersPerDiff * sizeof(float), wanted);

    /// <summary>How many batches, of so many rows with a diff each, may be ready before they are needed: as many as are wanted, or fewer where diffs are large, but one at least.</summary>
    internal static int Batches(IReadOnlyList<Site> sites, int rows, int rank, int wanted) =>
        Fitting(MostBytesCarried, (double)rows * rank * sites.Sum(site => (double)site.InFeatures + site.OutFeatures) * sizeof(float), wanted);

    /// <summary>Refuses what cannot be trained or stored here.</summary>
    /// <param name="folder">Where the diffs go.</param>
    /// <param name="sites">The base's.</param>
    /// <param name="recipe">Their rank.</param>
    /// <param name="device">Where they are trained; how much memory another device than the CPU has is not known.</param>
    /// <param name="sideBySide">How many are trained at once.</param>
    /// <param name="diffs">How many there are still to come.</param>
    /// <param name="available">Free memory, in bytes.</param>
    /// <exception cref="DitException">Memory or disk is too small.</exception>
    internal static void Require(string folder, IReadOnlyList<Site> sites, DiffRecipe recipe, Device device, int sideBySide, int diffs, double available)
    {
        var what = recipe.Full ? "full finetune" : $"diff of rank {recipe.LargestRank}";
        var atOnce = Math.Min(sideBySide, diffs);
        var each = BytesInTraining(sites, recipe);
        if (device.type == DeviceType.CPU && each * atOnce > available)
        {
            // Fewer give other last bits, so that it is for the person to choose them.
            var remedy = available >= each ? $", enough for {(int)(available / each)}: a run in a folder of its own with as many DiffsPerShard fits, but differs in last bits" : "";
            throw new DitException($"{folder}: expected {Text(each * atOnce)} of free memory to train {(atOnce > 1 ? $"{atOnce} times side by side a" : "one")} {what} of this base, found {Text(available)}{remedy}");
        }

        var (stored, free) = (Numbers(sites, recipe) * sizeof(float) * diffs, FreeOnDisk(folder));
        if (stored > free)
        {
            throw new DitException($"{folder}: expected {Text(stored)} of free disk, {Text(stored / diffs)} for every {what} of this base, found {Text(free)}");
        }
    }

    /// <summary>A diff's numbers, and for each that is trained a gradient and Adam's two means.</summary>
    internal static double BytesInTraining(IReadOnlyList<Site> sites, DiffRecipe recipe)
    {
        var trained = recipe.Full ? (double)FullFinetunes.Rank(sites) * sites.Sum(site => (double)Math.Max(site.InFeatures, site.OutFeatures)) : Numbers(sites, recipe);
        return sizeof(float) * (Numbers(sites, recipe) + (3 * trained));
    }

    private static double Numbers(IReadOnlyList<Site> sites, DiffRecipe recipe) =>
        (recipe.Full ? FullFinetunes.Rank(sites) : recipe.LargestRank) * sites.Sum(site => (double)site.InFeatures + site.OutFeatures);

    private static int Fitting(double budget, double each, int wanted) => (int)Math.Clamp(budget / each, 1, wanted);

    private static double FreeOnDisk(string folder)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Not every file system says; then it shows when it is full.
            return double.PositiveInfinity;
        }
    }

    private static string Text(double bytes) => ByteSize.Text((long)bytes);
}
