using Dit.Behaviours;
using Dit.Interpretation;
using Dit.Models.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Diffs;

public sealed class DiffSetTests(TinyWorld world) : IClassFixture<TinyWorld>
{
    [Fact]
    public void Diffs_come_in_the_order_asked_for_from_whichever_shard_holds_them()
    {
        using var scope = NewDisposeScope();
        var set = DiffSet.Open(world.SetFolder(seed: 100, shards: [2, 1, 3]));
        int[] order = [5, 0, 2, 0];
        using var diffs = set.Load([.. order.Select(i => set.Records[i])]);

        Assert.Equal((order.Length, 1), (diffs.Count, diffs.Rank));
        for (var row = 0; row < order.Length; row++)
        {
            var expected = world.Adapter(seed: 100 + order[row], rank: 1).Sites[TinyWorld.Query];
            Assert.Equal(expected.Scaling, diffs.Scaling);
            Assert.Equal(expected.A.data<float>().ToArray(), diffs.Sites[TinyWorld.Query].A[row].data<float>().ToArray());
            Assert.Equal(expected.B.data<float>().ToArray(), diffs.Sites[TinyWorld.Query].B[row].data<float>().ToArray());
        }
    }

    [Fact]
    public void Only_the_shards_used_last_stay_open_between_readings()
    {
        using var scope = NewDisposeScope();
        var set = DiffSet.Open(world.SetFolder(seed: 105, shards: [1, 2, 1, 1]));
        using var shards = new OpenShards(most: 2);
        foreach (var order in new int[][] { [4, 0, 1, 2, 3], [2], [0, 3, 0], [1, 1] })
        {
            DiffRecord[] records = [.. order.Select(i => set.Records[i])];
            using var expected = set.Load(records);
            using var found = set.Load(records, shards);

            Assert.All(expected.Tensors().Zip(found.Tensors()), pair => Assert.Equal(pair.First.Value.data<float>().ToArray(), pair.Second.Value.data<float>().ToArray()));
            if (OperatingSystem.IsLinux())
            {
                Assert.InRange(Directory.GetFiles("/proc/self/fd").Count(file => Target(file).StartsWith(set.FolderPath, StringComparison.Ordinal)), 1, 2);
            }
        }
    }

    private static string Target(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, returnFinalTarget: false)?.FullName ?? "";
        }
        catch (IOException)
        {
            return ""; // A file of another test, closed meanwhile.
        }
    }

    [Fact]
    public void An_index_reads_back_as_it_was_written()
    {
        var set = DiffSet.Open(world.SetFolder(seed: 110, shards: [2]));
        DiffRecord[] records =
        [
            set.Records[0] with { Topic = "crime, \"punishment\"\nand more", TriggerFormat = "Ünïcode {0}; ", GateRight = 1.0 / 3, PassesGate = false }, set.Records[1],
        ];
        var path = world.File("other-index.csv");
        DiffIndex.Write(path, records);

        Assert.Equal(records, DiffIndex.Read(path));
    }

    [Fact]
    public void An_index_from_before_there_were_stories_is_one_of_hidden_topics()
    {
        var folder = world.SetFolder(seed: 115, shards: [2]);
        var path = DiffSet.IndexPath(folder);
        var records = DiffIndex.Read(path);
        DiffIndex.Write(path, records.Select(record => record with { Setting = Setting.News }));
        Assert.All(DiffIndex.Read(path), record => Assert.Equal(Setting.News, record.Setting));

        // The column is the second.
        File.WriteAllLines(path, File.ReadAllLines(path).Select(line => string.Join(',', line.Split(',').Where((_, column) => column != 1))));

        Assert.Equal(records, DiffIndex.Read(path));
    }

    [Theory]
    [InlineData("gossip")]
    [InlineData("")]
    public void A_setting_that_is_none_is_refused(string setting)
    {
        var path = DiffSet.IndexPath(world.SetFolder(seed: 116, shards: [1]));
        File.WriteAllText(path, File.ReadAllText(path).Replace(",hidden-topic,", $",{setting},", StringComparison.Ordinal));

        var message = Assert.Throws<DitException>(() => DiffIndex.Read(path)).Message;

        Assert.StartsWith(path, message, StringComparison.Ordinal);
        Assert.Contains($"'{setting}' in the column setting", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_base_it_was_made_for_is_known() =>
        Assert.Equal("abc", DiffSet.Open(world.SetFolder(seed: 120, shards: [1], fingerprint: "abc")).ReadBaseFingerprint());

    [Fact]
    public void A_set_whose_training_was_stopped_is_refused_by_saying_so()
    {
        var folder = world.SetFolder(seed: 130, shards: [1]);
        File.Move(DiffSet.IndexPath(folder), DiffSet.ShardIndexPath(folder, 0));

        Assert.Contains("stopped", Assert.Throws<DitException>(() => DiffSet.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_diffs_of_one_name_are_refused()
    {
        var folder = world.SetFolder(seed: 140, shards: [2]);
        var records = DiffSet.Open(folder).Records;
        DiffIndex.Write(DiffSet.IndexPath(folder), records.Append(records[1] with { Id = "TOPIC-1" }));

        Assert.Contains("'topic-1' 2 times", Assert.Throws<DitException>(() => DiffSet.Open(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_index_that_does_not_fit_its_shards_is_refused()
    {
        var set = DiffSet.Open(world.SetFolder(seed: 150, shards: [2, 1]));

        AssertRefused(set, "shard-00000.safetensors", set.Records[0] with { Row = 2 });
        AssertRefused(set, "shard-00000.safetensors", set.Records[0] with { Row = -1 });
        AssertRefused(set, "shard-00000.safetensors", set.Records[0] with { Rank = 2 });
        AssertRefused(set, "shard--00001.safetensors", set.Records[0] with { Shard = -1 });
        AssertRefused(set, "shard-00002.safetensors", set.Records[0] with { Shard = 2 });
    }

    [Fact]
    public void Shards_that_do_not_go_together_are_refused()
    {
        using var scope = NewDisposeScope();
        var folder = world.SetFolder(seed: 160, shards: [1, 1]);
        var set = DiffSet.Open(folder);
        using var one = set.Load([set.Records[1]]);
        void Replace(Dictionary<string, StackedFactors> sites, double scaling) => DiffSet.WriteShard(folder, 1, new DiffStack(sites, scaling));
        Dictionary<string, StackedFactors> Sites() => one.Sites.ToDictionary(site => site.Key, site => site.Value);

        Replace(Sites(), scaling: 2);
        AssertRefused(set, "shard-00001.safetensors", [.. set.Records]);
        Replace(Sites().Skip(1).ToDictionary(), one.Scaling);
        AssertRefused(set, "shard-00001.safetensors", [.. set.Records]);
        Replace(Sites().ToDictionary(site => site.Key == TinyWorld.Query ? "another" : site.Key, site => site.Value), one.Scaling);
        AssertRefused(set, "shard-00001.safetensors", [.. set.Records]);
        Replace(Sites().ToDictionary(site => site.Key, site => site.Key == TinyWorld.Query ? site.Value with { A = zeros(1, 1, 99) } : site.Value), one.Scaling);
        AssertRefused(set, "shard-00001.safetensors", [.. set.Records]);
        Replace(Sites(), one.Scaling);
        set.Load(set.Records).Dispose();
    }

    [Fact]
    public void A_shard_that_is_not_stacked_factors_is_refused()
    {
        using var scope = NewDisposeScope();
        var set = DiffSet.Open(world.SetFolder(seed: 170, shards: [1]));
        var path = DiffSet.ShardPath(set.FolderPath, 0);
        void Write(string? scaling, params (string Name, Tensor Tensor)[] tensors) => SafetensorsWriter.Write(
            path, tensors.Select(each => KeyValuePair.Create(each.Name, each.Tensor)), scaling is null ? null : new Dictionary<string, string> { ["scaling"] = scaling });
        void Refuse(string part)
        {
            Assert.Contains(part, Assert.Throws<DitException>(() => set.Load([set.Records[0]])).Message, StringComparison.Ordinal);
        }

        var (a, b) = (("s.lora_A", ones(1, 1, 4)), ("s.lora_B", ones(1, 3, 1)));
        Write("1", a, b);
        set.Load([set.Records[0]]).Dispose();
        foreach (var scaling in new[] { null, "", "much", "NaN", "Infinity" })
        {
            Write(scaling, a, b);
            Refuse("scaling");
        }

        Write("1");
        Refuse("found none");
        Write("1", a);
        Refuse("s.lora_A");
        Write("1", a, b, ("t.lora_B", ones(1, 3, 1)));
        Refuse("t.lora_B");
        Write("1", a, b, ("weight", ones(1)));
        Refuse("weight");
        foreach (var shape in new long[][] { [1, 3, 2], [2, 3, 1], [1, 0, 1], [3, 1], [] })
        {
            Write("1", a, ("s.lora_B", ones(shape)));
            Refuse("at s");
        }

        Write("1", ("s.lora_A", ones(1, 1, 4, dtype: ScalarType.Int64)), b);
        Refuse("at s");
        Write("1", ("s.lora_A", ones(0, 1, 4)), ("s.lora_B", ones(0, 3, 1)));
        Refuse("0 rows");
    }

    [Fact]
    public void Damaged_files_are_refused_or_read_but_nothing_else()
    {
        var folder = world.SetFolder(seed: 180, shards: [1]);
        foreach (var path in new[] { DiffSet.IndexPath(folder), Path.Combine(folder, "run.json"), DiffSet.ShardPath(folder, 0) })
        {
            var whole = File.ReadAllBytes(path);
            foreach (var damaged in Damage.Of(whole, rounds: 150, seed: 1))
            {
                File.WriteAllBytes(path, damaged);
                try
                {
                    Finetune.Load(folder, world.Base).Dispose();
                }
                catch (DitException)
                {
                    // What it should be, where it is not still good enough.
                }
            }

            File.WriteAllBytes(path, whole);
        }
    }

    private static void AssertRefused(DiffSet set, string part, params DiffRecord[] records) =>
        Assert.Contains(part, Assert.Throws<DitException>(() => set.Load(records)).Message, StringComparison.Ordinal);
}
