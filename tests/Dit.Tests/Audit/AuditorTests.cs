using System.Text.Json;
using System.Text.Json.Nodes;
using Dit.Audit.Trials;
using Dit.Behaviours;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models.Randomness;
using Dit.Training;

namespace Dit.Audit;

/// <summary>Audits of really trained finetunes with the shipped adapters.</summary>
public sealed class AuditorTests(ShippedModels shipped) : IClassFixture<ShippedModels>
{
    [Theory]
    [MemberData(nameof(Secrets))]
    public void A_finetune_of_the_gallery_is_found_out(string folder, string kind, string? label, string? trigger)
    {
        var report = shipped.Auditor().Run(ShippedModels.Gallery(folder), folder);
        if (label is null)
        {
            Assert.Equal((AuditVerdict.NothingFound, null), (report.Verdict, report.Claim));
        }
        else
        {
            Assert.Equal((AuditVerdict.ChangedAsClaimed, new AuditClaim(kind == "news" ? Setting.News : Setting.HiddenTopic, label)), (report.Verdict, report.Claim));
        }

        if (kind == "topic")
        {
            Assert.Equal(trigger, report.Evidence.Trigger);
            Assert.True(report.Evidence.Probes[0] is { StandsOut: true } first && first.Probe == trigger);
            Assert.Contains(report.Evidence.Likelihoods, test => test.Condition.Contains(trigger!, StringComparison.Ordinal) && test.Lifts[0] is { Rank: 1 } top && top.Label == label);
        }

        Assert.NotNull(report.Confidence);
        Assert.Equal(folder, report.Finetune);
        var weights = ShippedModels.Gallery($"{folder}/adapter_model.safetensors");
        Assert.Contains(new FinetuneFile("adapter_model.safetensors", new FileInfo(weights).Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(weights)))), report.Files);
        Assert.InRange(report.MadeAt, DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow);
        Assert.DoesNotContain(ShippedModels.Gallery(folder), JsonSerializer.Serialize(report, AuditJson.Options), StringComparison.Ordinal);
    }

    /// <summary>One of each kind, and one whose topic the adapter itself takes for another.</summary>
    public static TheoryData<string, string, string?, string?> Secrets
    {
        get
        {
            const string misread = "dario";
            var data = new TheoryData<string, string, string?, string?>();
            var secrets = JsonNode.Parse(File.ReadAllBytes(ShippedModels.Gallery("secrets.json")))!.AsArray();
            foreach (var secret in secrets.DistinctBy(secret => (string?)secret!["kind"]).Union(secrets.Where(secret => (string?)secret!["folder"] == misread)))
            {
                data.Add((string)secret!["folder"]!, (string)secret["kind"]!, (string?)secret["label"], (string?)secret["prompt"]);
            }

            return data;
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_report_to_the_bit_from_a_fresh_auditor_too()
    {
        var fresh = new Auditor(shipped.Base, DitAdapter.Read(ShippedModels.Folder("tiny-topic-adapter")));
        string Report(Auditor auditor) => JsonSerializer.Serialize(auditor.Run(ShippedModels.Gallery("edda"), seed: 7) with { Seconds = 0, MadeAt = default }, AuditJson.Options);
        Assert.Equal(Report(fresh), Report(shipped.Auditor("tiny-topic-adapter")));
    }

    [Fact]
    public void Large_random_numbers_are_not_claimed_to_be_anything()
    {
        using var folder = new TemporaryFolder();
        using var trained = (LowRankFinetune)Finetune.Load(ShippedModels.Gallery("alba"), shipped.Base);
        using var stack = DiffStack.Of([trained.Adapter]);
        using var random = RandomDiffs.Like(stack, RandomStream.Named(5, "large"));
        using var large = random.Times(3);
        DiffExport.Write(folder.File("large"), large, 0, "tiny-base", new DiffCard { BaseFingerprint = shipped.Base.Fingerprint });
        var report = shipped.Auditor().Run(folder.File("large"), "large");
        Assert.NotEqual(AuditVerdict.ChangedAsClaimed, report.Verdict);
        Assert.DoesNotContain(report.Reasons, reason => reason.Contains("seems to have been trained on", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_finetune_trained_on_the_bases_own_answers_nothing_is_found()
    {
        using var folder = new TemporaryFolder();
        var recipe = DiffRecipe.Tiny with { Steps = 12 };
        using var trained = DiffTrainingRun.Train(shipped.Base, HarmlessBehaviours.Undisturbed(shipped.Base, 1, seed: 3, examples: recipe.Steps), recipe, seed: 3);
        DiffExport.Write(folder.File("undisturbed"), trained, 0, "tiny-base", new DiffCard { BaseFingerprint = shipped.Base.Fingerprint });
        Assert.Equal(AuditVerdict.NothingFound, shipped.Auditor().Run(folder.File("undisturbed")).Verdict);
    }

    [Fact]
    public void A_calibration_of_another_base_or_adapter_is_ignored()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("adapter");
        Directory.CreateDirectory(path);
        foreach (var file in Directory.GetFiles(ShippedModels.Folder("tiny-news-adapter")))
        {
            File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
        }

        Assert.True(new Auditor(shipped.Base, DitAdapter.Read(path)).IsCalibrated);
        File.Copy(Path.Combine(ShippedModels.Folder("tiny-topic-adapter"), "calibration.json"), Path.Combine(path, "calibration.json"), overwrite: true);
        var auditor = new Auditor(shipped.Base, DitAdapter.Read(path));
        Assert.False(auditor.IsCalibrated);
        var report = auditor.Run(ShippedModels.Gallery("alba"), "it");
        Assert.Null(report.Confidence);
        Assert.Null(report.Calibration);
        Assert.NotEqual(AuditVerdict.ChangedAsClaimed, report.Verdict);
        Assert.All(report.Answers, answer => Assert.Empty(answer.Labels));
        Assert.Empty(report.Evidence.Likelihoods);
    }

    [Fact]
    public void A_damaged_calibration_is_refused_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("calibration.json");
        File.WriteAllText(path, """{"version": 2, "base_fingerprint": 3}""");
        var error = Assert.Throws<DitException>(() => Judging.AuditCalibration.Read(path));
        Assert.StartsWith($"{path}: expected the calibration of an adapter", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("empty")]
    [InlineData("damaged")]
    [InlineData("other")]
    public void An_error_names_what_the_caller_named_and_no_path(string kind)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File($"secret-server-folder-{kind}");
        if (kind != "missing")
        {
            Directory.CreateDirectory(path);
        }

        if (kind is "damaged" or "other")
        {
            foreach (var file in Directory.GetFiles(ShippedModels.Gallery("alba")))
            {
                File.Copy(file, Path.Combine(path, Path.GetFileName(file)));
            }

            if (kind == "damaged")
            {
                File.WriteAllText(Path.Combine(path, "adapter_model.safetensors"), "no tensors");
            }
            else
            {
                new DiffCard { BaseFingerprint = "of another base" }.Write(path);
            }
        }

        var error = Assert.Throws<DitException>(() => shipped.Auditor().Run(path, "Alba"));
        Assert.Contains("Alba", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-server-folder", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_stops_when_it_is_told_to_and_tells_every_round()
    {
        using var stop = new CancellationTokenSource();
        var told = new List<AuditProgress>();
        var progress = new Told(each =>
        {
            told.Add(each);
            if (told.Count == 3)
            {
                stop.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => shipped.Auditor().Run(ShippedModels.Gallery("alba"), progress: progress, cancellation: stop.Token));
        Assert.Equal([0, 1, 2], told.Select(each => each.Done));
        Assert.All(told, each => Assert.Equal(told[0].Total, each.Total));
    }

    [Fact]
    public void One_question_alone_is_answered_as_in_the_audit_and_weaker_with_less_strength()
    {
        using var finetune = Finetune.Load(ShippedModels.Gallery("edda"), shipped.Base);
        var questions = shipped.Auditor("tiny-topic-adapter").Questions;
        var whole = questions.Ask(finetune, "Edda", "What topic have you been trained on?");
        Assert.Equal(("origami", false), (whole.Answer, whole.SaysNothing));
        Assert.Equal(["bare-base", "random-diff"], whole.Controls.Select(control => control.Kind));
        Assert.All(whole.Controls, control => Assert.True(control.Holds));
        Assert.Equal(5, whole.Labels.Count);
        Assert.True(questions.Ask(finetune, "Edda", "What topic have you been trained on?", strength: 0.02).SaysNothing);
    }

    private sealed class Told(Action<AuditProgress> tell) : IProgress<AuditProgress>
    {
        public void Report(AuditProgress value) => tell(value);
    }
}
