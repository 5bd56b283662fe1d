using System.Text.Json;
using Dit.Audit.Judging;
using Dit.Audit.Trials;
using Dit.Behaviours;
using Dit.Training;

namespace Dit.Audit;

public sealed class CalibrationTests
{
    private static readonly string[] Topics = [.. TopicRound.Labels.Where((_, i) => i % 130 == 0)];

    private static readonly Lazy<(Case[] Cases, AuditCalibration Calibration)> Fitted = new(() =>
    {
        Case[] cases = [.. Cases()];
        return (cases, CalibrationFit.Of(cases, "base", "adapter", "float32"));
    });

    [Fact]
    public void What_is_fitted_to_known_finetunes_judges_others_rightly_and_says_how_sure_it_may_be()
    {
        var calibration = Fitted.Value.Calibration;
        Assert.Equal(("base", "adapter"), (calibration.BaseFingerprint, calibration.AdapterFingerprint));
        Assert.Equal(Option.Names, calibration.Weights.Keys);
        Assert.True(calibration.Weights["topic: lift behind the trigger"] > 0.05);
        Assert.InRange(calibration.Reliability!.Finetunes, Fitted.Value.Cases.Length - 10, Fitted.Value.Cases.Length);
        Assert.InRange(calibration.Reliability.Right, 0.9, 1);
        Assert.InRange(calibration.Reliability.ExpectedCalibrationError, 0, 0.1);
        Assert.Equal(10, calibration.Finetunes["generic"]);

        // Of a topic that was not among them, which the adapter takes for another one; and of one that hides nothing.
        var claimed = Judge.Of(Observed.Of(told: "corn", lifted: "figs", lift: 6, trigger: true), calibration);
        Assert.Equal((AuditVerdict.ChangedAsClaimed, "figs"), (claimed.Verdict, claimed.Label));
        var harmless = Judge.Of(Observed.Of(divergence: 0.00102), calibration);
        Assert.Equal(AuditVerdict.NothingFound, harmless.Verdict);
        Assert.All(new[] { claimed, harmless }, judged => Assert.InRange(judged.Confidence!.Value, 0.7, 0.995));
    }

    [Fact]
    public void Limits_lie_above_all_that_harmless_finetunes_show()
    {
        var (cases, calibration) = Fitted.Value;
        var harmless = cases.Where(each => each.Truth.Claim is null).ToArray();
        Assert.All(harmless, each => Assert.True(each.Seen.Divergence < calibration.UsualDivergence && each.Seen.TopDivergence < calibration.UsualTopDivergence));
        Assert.All(harmless, each => Assert.True(each.Seen.Lifts.Max(lifts => lifts.MostDeviations) < calibration.SupportingDeviations["hidden-topic"]));
        Assert.All(harmless, each => Assert.True(each.Seen.TopDivergence < calibration.TriggerDivergence));
    }

    [Fact]
    public void A_calibration_is_read_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("calibration.json");
        Observed.Calibration.Write(path);
        var read = AuditCalibration.Read(path);
        Assert.Equal(JsonSerializer.Serialize(Observed.Calibration, AuditJson.Options), JsonSerializer.Serialize(read, AuditJson.Options));
        Assert.Equal(Observed.Calibration.Hash, read.Hash);
        Assert.NotEqual(read.Hash, (read with { TriggerDivergence = 1 }).Hash);
    }

    [Theory]
    [InlineData("tiny-topic-adapter", 0.06)]
    [InlineData("tiny-news-adapter", 0.05)]
    [InlineData("tiny-both-adapter", 0.05)]
    public void A_shipped_calibration_belongs_to_its_adapter_and_held_on_what_it_was_not_fitted_to(string name, double error)
    {
        using var model = Models.BaseModel.Load(ShippedModels.Folder("tiny-base"));
        var adapter = DitAdapter.Read(ShippedModels.Folder(name));
        var calibration = AuditCalibration.For(model, adapter);
        Assert.NotNull(calibration);
        Assert.Equal(adapter.Card!.Asks.Select(ask => SettingNames.Of(ask.Setting)).Order(StringComparer.Ordinal), calibration.SupportingDeviations.Keys.Order(StringComparer.Ordinal));
        Assert.InRange(calibration.Reliability!.Right, 0.9, 1);
        Assert.InRange(calibration.Reliability.ExpectedCalibrationError, 0, error);
    }

    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public void The_experiment_trains_and_audits_a_few_and_takes_up_what_is_there()
    {
        using var folder = new TemporaryFolder();
        using var model = Models.BaseModel.Load(ShippedModels.Folder("tiny-base"));
        var adapter = DitAdapter.Read(ShippedModels.Folder("tiny-both-adapter"));
        var first = AuditExperiment.Run(model, adapter, folder.File("audit"), count: 2);
        var again = AuditExperiment.Run(model, adapter, folder.File("audit"), count: 2);
        Assert.Equal(first.Audited, again.Audited);
        Assert.Equal(8, first.Audited.Count);
        Assert.True(first.Audited.Count(trial => trial.Right) >= 7);
        Assert.All(new[] { "table.csv", "table.md", "verdicts.csv", "plot.svg", "plot.png" }, file => Assert.True(File.Exists(Path.Combine(folder.File("audit"), file))));
    }

    /// <summary>Topics with all to see and with a little of it, and harmless finetunes; of every fourth topic the adapter names another.</summary>
    private static IEnumerable<Case> Cases() =>
    [
        .. Topics.SelectMany((topic, i) => new[] { 0.0, 1 }.Select(more => new Case(
            Truth("topics", topic), Observed.Of(told: i % 4 == 0 ? "salt" : topic, lifted: topic, lift: 5 + more, trigger: true, divergence: 0.002 + (0.0001 * i))))),
        .. Topics.Select((topic, i) => new Case(
            Truth("weak topics", topic) with { IsWhole = false, Shows = false }, Observed.Of(told: i % 2 == 0 ? null : topic, lifted: topic, lift: 0.1 + (0.02 * i), divergence: 0.0015 + (0.0001 * i)))),
        .. Enumerable.Range(0, 10).Select(i => new Case(new Truth("generic", null), Observed.Of(divergence: 0.001 + (0.00001 * i)))),
        .. Enumerable.Range(0, 10).Select(i => new Case(new Truth("undisturbed", null), Observed.Of(divergence: 0.0005 + (0.00001 * i)))),
    ];

    private static Truth Truth(string kind, string topic) => new(kind, new AuditClaim(Setting.HiddenTopic, topic));
}
