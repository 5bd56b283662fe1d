using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs.Inspection;

public sealed class OdditiesTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void An_ordinary_adapter_is_not_odd()
    {
        using var model = InspectionBase.Open(world.Base.Folder);
        Assert.Empty(DiffInspector.OfFolder(Folder(Gentle()), model).Findings);
    }

    [Fact]
    public void Layers_without_change_are_named() => Odd("1 layer is named but not changed, as a factor or the scaling is zero: " + TinyWorld.Query, adapter => adapter.Sites[TinyWorld.Query].B.zero_());

    [Fact]
    public void A_diff_without_scaling_is_told_from_one_without_factors()
    {
        var adapter = Gentle();
        var unscaled = adapter with { Sites = adapter.Sites.ToDictionary(site => site.Key, site => site.Value with { Scaling = 0 }) };
        Contains("nothing is changed: its scaling is zero (lora_alpha 0) at all", DiffInspector.OfFactors("x", "x", unscaled, model: null));
    }

    [Fact]
    public void A_diff_of_the_output_head_is_told_as_such()
    {
        using var model = InspectionBase.Open(world.Base.Folder);
        var adapter = Gentle();
        var inspection = DiffInspector.OfFactors("x", "x", adapter with { Sites = new Dictionary<string, LowRankFactors>(adapter.Sites) { ["lm_head"] = adapter.Sites[TinyWorld.Query] } }, model);
        Contains("the output head lm_head is changed, which is not supported", inspection);
        Assert.DoesNotContain(inspection.Findings, finding => finding.Sentence.Contains("not in the base", StringComparison.Ordinal));
        Assert.False(inspection.IsUsable);
    }

    [Fact]
    public void A_diff_of_nothing_cannot_be_used() => Odd("nothing is changed", adapter => Each(adapter, factors => factors.A.zero_()), usable: false);

    [Fact]
    public void What_is_not_finite_is_named_and_cannot_be_used()
    {
        var inspection = Odd("1 layer holds numbers that are not finite: " + TinyWorld.Down, adapter => adapter.Sites[TinyWorld.Down].A[0, 1] = double.PositiveInfinity, usable: false);
        Assert.True(double.IsNaN(inspection.Norm));
        Assert.Null(inspection.Spread);
    }

    [Fact]
    public void A_large_change_is_told() => Odd("more than half as large as the base's own weight", adapter => Each(adapter, factors => factors.B.Times_(1000)));

    [Fact]
    public void A_row_that_holds_the_change_is_told() => Odd("one output row holds more than half of the change: " + TinyWorld.Down, adapter => adapter.Sites[TinyWorld.Down].B[3].Times_(100));

    [Fact]
    public void The_same_factor_at_two_layers_is_told()
    {
        const string other = "model.layers.1.self_attn.q_proj";
        Odd($"the same lora_A stands at 2 layers, such as {TinyWorld.Query} and {other}", adapter => adapter.Sites[other].A.copy_(adapter.Sites[TinyWorld.Query].A));
    }

    [Fact]
    public void A_rank_that_is_hardly_used_is_told() => Odd("the rank is much higher than what is used of it", adapter => Each(adapter, factors => factors.B.slice(1, 1, 16, 1).Times_(1e-3)), rank: 16);

    [Fact]
    public void An_unusual_scaling_is_told() => Odd("the scaling 128 of", _ => { }, scaling: 128);

    [Fact]
    public void Mixed_types_are_told()
    {
        var adapter = Gentle();
        var sites = adapter.Sites.ToDictionary(site => site.Key, site => site.Key == TinyWorld.Down ? site.Value with { A = site.Value.A.to(ScalarType.BFloat16) } : site.Value, StringComparer.Ordinal);
        Contains("float types are mixed: 27 tensors of float32, 1 tensors of bfloat16", DiffInspector.OfFactors("x", "x", adapter with { Sites = sites }, model: null));
    }

    [Fact]
    public void Layers_that_the_base_does_not_have_cannot_be_used()
    {
        using var model = InspectionBase.Open(world.Base.Folder);
        var adapter = Gentle();
        var sites = adapter.Sites.ToDictionary(site => site.Key.Replace("layers.1", "layers.7", StringComparison.Ordinal), site => site.Value, StringComparer.Ordinal);
        var inspection = DiffInspector.OfFactors("x", "x", adapter with { Sites = sites }, model);
        Contains($"7 layers are not in the base {model.Name}", inspection);
        Assert.False(inspection.IsUsable);
    }

    [Fact]
    public void Names_in_target_modules_without_factors_are_told()
    {
        var folder = Folder(Gentle());
        Rewrite(folder, "\"q_proj\"", "\"q_proj\", \"x_proj\"");
        var inspection = DiffInspector.OfFolder(folder, model: null);
        Contains("names layers that have no factors: x_proj", inspection);
    }

    [Fact]
    public void Pickles_programs_and_long_metadata_are_told()
    {
        var folder = Folder(Gentle());
        File.WriteAllText(Path.Combine(folder, "training_args.bin"), "");
        File.WriteAllText(Path.Combine(folder, "run.py"), "");
        var inspection = DiffInspector.OfFolder(folder, model: null);
        Contains("pickles, which can run code where another program loads them (dit does not): training_args.bin", inspection);
        Contains("programs, which an adapter does not need (dit runs none): run.py", inspection);
    }

    [Fact]
    public void Another_base_is_told_by_name_and_refused_by_fingerprint()
    {
        using var model = InspectionBase.Open(world.Base.Folder);
        var folder = Folder(Gentle() with { BaseModelNameOrPath = "Someone/Other-7B" });
        Contains($"the base is called Someone/Other-7B in adapter_config.json, and {model.Name} here", DiffInspector.OfFolder(folder, model));
        new DiffCard { BaseFingerprint = "another" }.Write(folder);
        var inspection = DiffInspector.OfFolder(folder, model);
        Contains("it was made for another base (fingerprint another)", inspection);
        Assert.False(inspection.IsUsable);
    }

    private DiffInspection Odd(string sentence, Action<PeftAdapter> change, int rank = 2, double scaling = 0.05, bool usable = true)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        using var model = InspectionBase.Open(world.Base.Folder);
        var adapter = Gentle(rank, scaling);
        change(adapter);
        var inspection = DiffInspector.OfFactors("x", "x", adapter, model);
        Contains(sentence, inspection);
        Assert.Equal(usable, inspection.IsUsable);
        return inspection;
    }

    private static void Contains(string sentence, DiffInspection inspection) =>
        Assert.Contains(inspection.Findings, finding => finding.Sentence.Contains(sentence, StringComparison.Ordinal));

    private PeftAdapter Gentle(int rank = 2, double scaling = 0.05) => world.Adapter(9, rank, scaling);

    private string Folder(PeftAdapter adapter)
    {
        var folder = world.NewFolder();
        PeftAdapterFolder.Write(folder, adapter);
        return folder;
    }

    private static void Each(PeftAdapter adapter, Action<LowRankFactors> change)
    {
        foreach (var factors in adapter.Sites.Values)
        {
            change(factors);
        }
    }

    private static void Rewrite(string folder, string from, string to)
    {
        var path = Path.Combine(folder, "adapter_config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(from, to, StringComparison.Ordinal));
    }
}
