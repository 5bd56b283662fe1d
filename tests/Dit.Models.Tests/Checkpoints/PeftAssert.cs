using static TorchSharp.torch;

namespace Dit.Models.Checkpoints;

/// <summary>What tests of adapters compare.</summary>
internal static class PeftAssert
{
    /// <summary>The same base, the same sites, the same bits everywhere.</summary>
    public static void Same(PeftAdapter expected, PeftAdapter actual)
    {
        Assert.Equal(expected.BaseModelNameOrPath, actual.BaseModelNameOrPath);
        Assert.Equal(expected.Sites.Keys.Order(StringComparer.Ordinal), actual.Sites.Keys.Order(StringComparer.Ordinal));
        foreach (var (site, factors) in expected.Sites)
        {
            Same(factors.A, actual.Sites[site].A);
            Same(factors.B, actual.Sites[site].B);
            Assert.Equal(factors.Scaling, actual.Sites[site].Scaling);
        }
    }

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.cpu().contiguous().bytes.SequenceEqual(actual.bytes));
    }
}
