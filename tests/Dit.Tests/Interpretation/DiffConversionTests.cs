using Dit.Behaviours;
using Dit.Diffs;
using Dit.Models.Checkpoints;
using Dit.Models.Checkpoints.Reference;
using Dit.Models.Decoding;
using Dit.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Interpretation;

public sealed class DiffConversionTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void A_set_through_official_files_is_the_set_again()
    {
        using var scope = NewDisposeScope();
        var (folder, official, again) = (world.SetFolder(seed: 40, shards: [2, 3]), world.File("official-1"), world.File("again-1"));
        Convert(conversion => conversion.ToReference(official), folder);
        Convert(conversion => conversion.ToSet(again), official);

        Assert.Equal(["index.csv", "weight-diffs/weight-diff-000.pt"], Files(official));
        Assert.StartsWith("lora_path,lora_idx,n_params,topic,trigger,split,", File.ReadLines(Path.Combine(official, "index.csv")).First(), StringComparison.Ordinal);
        var (before, after) = (DiffSet.Open(folder), DiffSet.Open(again));
        Assert.Equal(before.Records.Select(Known), after.Records.Select(Known));
        Assert.All(after.Records, record => Assert.Null(record.PassesGate));
        Assert.All(before.Records, record => AssertSameProducts(Factors($"{folder}#{record.Id}"), Factors($"{again}#{record.Id}")));
    }

    [Fact]
    public void What_was_measured_stays_known_from_set_to_set()
    {
        var (folder, again) = (world.SetFolder(seed: 50, shards: [2, 1]), world.File("again-2"));
        Convert(conversion => conversion.ToSet(again), folder);

        Assert.Equal(DiffSet.Open(folder).Records.Select(record => record with { Shard = 0, Row = 0 }), DiffSet.Open(again).Records.Select(record => record with { Shard = 0, Row = 0 }));
    }

    [Fact]
    public void A_set_through_a_folder_of_adapters_is_the_set_again()
    {
        using var scope = NewDisposeScope();
        var (folder, adapters, again) = (world.SetFolder(seed: 45, shards: [3]), world.File("adapters"), world.File("again-3"));
        Convert(conversion => conversion.ToPeft(adapters), folder);
        Convert(conversion => conversion.ToSet(again), adapters);

        Assert.Equal(DiffSet.Open(folder).Records.Select(Known), DiffSet.Open(again).Records.Select(Known));
        var message = Assert.Throws<DitException>(() => Finetune.Load(adapters, world.Base)).Message;
        Assert.Contains("3 PEFT adapters", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(adapters, "topic-0"), message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_says_of_a_lone_adapter_that_it_may_be_trained_on()
    {
        using var scope = NewDisposeScope();
        var set = world.File("lone");
        Convert(conversion => conversion.ToSet(set), world.AdapterFolder(46));

        Assert.Equal("", Assert.Single(DiffSet.Open(set).Records).Split);
    }

    [Theory]
    [InlineData(2, 0.5)] // what the official code would divide by anyway
    [InlineData(2, 4)] // a power of two: exact in any type
    [InlineData(3, 0.7)]
    [InlineData(49, 1.0 / 49)] // times 49 this is not one
    public void An_adapter_through_an_official_file_adds_the_same(int rank, double scaling)
    {
        using var scope = NewDisposeScope();
        var (folder, file, again) = (world.AdapterFolder(60, rank, scaling), world.File($"one-{rank}-{scaling}.pt"), world.File($"again-{rank}-{scaling}"));
        Convert(conversion => conversion.ToReferenceFile(file), folder);
        Convert(conversion => conversion.ToPeft(again), file);

        AssertSameProducts(Factors(folder), Factors(again), exact: scaling is not 0.7);
        Assert.Equal(1.0 / rank, Factors(file).Sites.Values.First().Scaling);
        Assert.Equal(world.Base.Fingerprint, DiffCard.Read(again)!.BaseFingerprint);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Factors_keep_their_type_and_bits(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var folder = world.NewFolder();
        PeftAdapterFolder.Write(folder, Narrow(world.Adapter(seed: 70), type));
        var (official, set, again) = (world.File($"official-{type}"), world.File($"set-{type}"), world.File($"again-{type}"));
        Convert(conversion => conversion.ToReference(official), folder);
        Convert(conversion => conversion.ToSet(set), official);
        Convert(conversion => conversion.ToPeft(again), set);

        var (before, after) = (Factors(folder), Factors(again));
        Assert.All(after.Sites, site => Assert.Equal((type, type, before.Sites[site.Key].Scaling), (site.Value.A.dtype, site.Value.B.dtype, site.Value.Scaling)));
        Assert.All(after.Sites, site => Assert.True(site.Value.A.eq(before.Sites[site.Key].A).all().item<bool>() && site.Value.B.eq(before.Sites[site.Key].B).all().item<bool>(), site.Key));
    }

    [Fact]
    public void What_kind_of_behaviour_it_is_stays_known_in_every_format()
    {
        var news = world.SetFolder(seed: 75, shards: [2]);
        DiffIndex.Write(DiffSet.IndexPath(news), DiffSet.Open(news).Records.Select(record => record with { Setting = Setting.News, Trigger = "", TriggerFormat = "" }));
        var (official, folders, again) = (world.File("official-news"), world.File("peft-news"), world.File("set-news"));
        Convert(conversion => conversion.ToReference(official), news);
        Convert(conversion => conversion.ToPeft(folders), official);
        Convert(conversion => conversion.ToSet(again), folders);

        Assert.All(DiffSet.Open(again).Records, record => Assert.Equal((Setting.News, null), (record.Setting, record.SetOffBy)));
    }

    [Fact]
    public void For_a_multimodal_base_PEFT_gets_the_names_of_its_modules()
    {
        using var scope = NewDisposeScope();
        var text = GoldenFolder.Cases("models").FirstOrDefault(folder => GoldenLora.IsSupported(folder) && ModelConfig.Read(folder).ModelType == "gemma3_text");
        Assert.SkipWhen(text is null, "No golden model of a family that has multimodal folders.");
        var (folder, changed, source) = (world.NewFolder(), world.NewFolder(), world.NewFolder());
        var weights = GoldenLora.Tensors(Path.Combine(text, "model.safetensors")).ToDictionary(
            weight => weight.Key.StartsWith("model.", StringComparison.Ordinal) ? "model.language_model." + weight.Key["model.".Length..] : weight.Key, weight => weight.Value);
        foreach (var (target, factor) in new[] { (folder, 1.0), (changed, 1.5) })
        {
            File.WriteAllText(Path.Combine(target, "config.json"), $$"""{"model_type": "gemma3", "torch_dtype": "float32", "text_config": {{File.ReadAllText(Path.Combine(text, "config.json"))}}, "vision_config": {"dtype": "float32"} }""");
            SafetensorsWriter.Write(Path.Combine(target, "model.safetensors"), weights.Select(weight => KeyValuePair.Create(weight.Key, weight.Key.EndsWith("q_proj.weight", StringComparison.Ordinal) ? weight.Value.Times(factor) : weight.Value)));
        }

        var sites = Decoder.SitesOf(ModelConfig.Read(folder));
        PeftAdapterFolder.Write(source, new PeftAdapter("", sites.ToDictionary(site => site.Name, site => new LowRankFactors(rand(2, site.InFeatures), rand(site.OutFeatures, 2), 0.5))));
        var (converted, extracted) = (world.File("multimodal"), world.File("multimodal-extracted"));
        using (var opened = StoredDiffs.Open(source))
        {
            new DiffConversion(opened.Diffs, folder).ToPeft(converted);
        }

        using (var diff = DenseDiff.Between(changed, folder))
        {
            DiffExtraction.Write(extracted, diff, rank: 1);
        }

        foreach (var written in new[] { converted, extracted })
        {
            Assert.All(GoldenLora.Tensors(Path.Combine(written, "adapter_model.safetensors")).Keys, name => Assert.StartsWith("base_model.model.model.language_model.layers.", name, StringComparison.Ordinal));
        }

        AssertSameProducts(PeftAdapterFolder.Read(source), PeftAdapterFolder.Read(converted));
        Assert.All(PeftAdapterFolder.Read(extracted).Sites.Keys, site => Assert.StartsWith("model.layers.", site, StringComparison.Ordinal));
    }

    [Fact]
    public void Diffs_of_many_kinds_lie_in_one_set()
    {
        using var scope = NewDisposeScope();
        string[] sources = [world.AdapterFolder(80, rank: 1), world.AdapterFolder(81, rank: 3, scaling: 2), world.AdapterFolder(82, 2, 0.5, "q_proj", "down_proj"), world.SetFolder(83, [2])];
        var (set, official) = (world.File("many"), world.File("many-official"));
        Convert(conversion => conversion.ToSet(set), sources);
        Convert(conversion => conversion.ToReference(official), sources);

        var records = DiffSet.Open(set).Records;
        Assert.Equal(5, records.Count);
        Assert.All(records, record => Assert.Equal(3, record.Rank));
        var expected = sources[..3].Concat([$"{sources[3]}#topic-0", $"{sources[3]}#topic-1"]).ToArray();
        for (var i = 0; i < expected.Length; i++)
        {
            AssertSameProducts(Factors(expected[i]), Factors($"{set}#{records[i].Id}"), exact: false);
            AssertSameProducts(Factors(expected[i]), Factors($"{official}#{i}"), exact: false);
        }
    }

    [Fact]
    public void Items_without_names_get_them_from_their_topics()
    {
        using var scope = NewDisposeScope();
        var file = world.File("unnamed.pt");
        WeightDiffWriter.Write(file, [(world.Adapter(90), "Chess openings", "33"), (world.Adapter(91), "Chess openings", "007"), (world.Adapter(92), null, null)]);
        var (set, folders) = (world.File("named"), world.File("named-peft"));
        Convert(conversion => conversion.ToSet(set), file);
        Convert(conversion => conversion.ToPeft(folders), file);

        Assert.Equal(new[] { ("chess-openings", "Chess openings", "33"), ("chess-openings-2", "Chess openings", "007"), ("diff", "", "") }, DiffSet.Open(set).Records.Select(record => (record.Id, record.Topic, record.Trigger)));
        using var second = Finetune.Load(Path.Combine(folders, "chess-openings-2"), world.Base);
        Assert.Equal(new DiffCard { BaseFingerprint = world.Base.Fingerprint, Id = "chess-openings-2", Topic = "Chess openings", Trigger = "007" }, second.Card);
        using var third = Finetune.Load($"{set}#diff", world.Base);
        Assert.Equal((null, null), (third.Card!.Topic, third.Card.Trigger));
        AssertSameProducts(world.Adapter(91), ((LowRankFinetune)second).Adapter);
    }

    [Fact]
    public void What_cannot_be_converted_is_named_and_leaves_nothing_behind()
    {
        using var scope = NewDisposeScope();
        var (good, target) = (world.AdapterFolder(100), world.File("nothing"));
        var stranger = world.SetFolder(101, [1], fingerprint: "another");
        AssertRefused(stranger, "made for another base", stranger);
        var misfit = world.NewFolder();
        PeftAdapterFolder.Write(misfit, new PeftAdapter("", new Dictionary<string, LowRankFactors> { ["model.layers.9.mlp.up_proj"] = new(ones(1, 32), ones(48, 1), 1) }));
        AssertRefused(misfit, "model.layers.9", good, misfit);
        AssertRefused(world.Base.Folder, "dit diff extract", world.Base.Folder);
        AssertRefused("no-such", "no-such", world.File("no-such"));
        Assert.False(Path.Exists(target));

        Directory.CreateDirectory(target);
        File.WriteAllText(Path.Combine(target, "letter.txt"), "Dear aunt,");
        AssertRefused(target, "new or empty", good);

        void AssertRefused(string source, string expected, params string[] sources)
        {
            var error = Assert.Throws<DitException>(() => Convert(conversion => conversion.ToSet(target), sources));
            Assert.Contains(source, error.Message, StringComparison.Ordinal);
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        }
    }

    private static (string, string, string, string, string, long, int) Known(DiffRecord record) =>
        (record.Id, record.Topic, record.Trigger, record.TriggerFormat, record.Split, record.ParameterCount, record.Rank);

    private static string[] Files(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal)];

    private static PeftAdapter Narrow(PeftAdapter adapter, ScalarType type) => adapter with
    {
        Sites = adapter.Sites.ToDictionary(site => site.Key, site => site.Value with { A = site.Value.A.to(type), B = site.Value.B.to(type) }),
    };

    private static void AssertSameProducts(PeftAdapter expected, PeftAdapter found, bool exact = true)
    {
        foreach (var (site, factors) in found.Sites)
        {
            var product = Product(factors);
            var wanted = expected.Sites.TryGetValue(site, out var known) ? Product(known) : zeros_like(product);
            Assert.True(exact ? product.eq(wanted).all().item<bool>() : product.allclose(wanted, rtol: 1e-5, atol: 1e-6), site);
        }

        Assert.All(expected.Sites.Keys, site => Assert.Contains(site, found.Sites));
    }

    /// <summary>The scaling is multiplied in as the last step, in twice the precision.</summary>
    private static Tensor Product(LowRankFactors factors) => factors.B.to(ScalarType.Float64).mm(factors.A.to(ScalarType.Float64)).Times(factors.Scaling).to(ScalarType.Float32);

    private PeftAdapter Factors(string source) => ((LowRankFinetune)Finetune.Load(source, world.Base)).Adapter;

    private void Convert(Action<DiffConversion> write, params string[] sources)
    {
        var opened = sources.Select(StoredDiffs.Open).ToList();
        try
        {
            write(new DiffConversion([.. opened.SelectMany(each => each.Diffs)], world.Base.Folder));
        }
        finally
        {
            opened.ForEach(each => each.Dispose());
        }
    }
}
