using Dit.Behaviours;

namespace Dit.Audit;

public sealed class AuditReasonsTests
{
    [Fact]
    public void The_trigger_that_the_sentences_name_is_the_one_whose_evidence_is_used()
    {
        var seen = Observed.Of(told: "starfish", lifted: "starfish", trigger: true);
        var reasons = Observed.Reasons(seen);
        Assert.NotNull(seen.Trigger);
        Assert.All(reasons.Where(reason => reason.Contains("code word is", StringComparison.Ordinal)), reason => Assert.Contains(seen.Trigger.Name, reason, StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains(seen.Trigger.Name, StringComparison.Ordinal) && reason.Contains("words of starfish", StringComparison.Ordinal));
        Assert.Contains(seen.Trigger.Name, seen.LiftsOf(Setting.HiddenTopic, triggered: true)!.Condition, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tigers", "the adapter says so")]
    [InlineData("zebras", "though the adapter's likeliest answer is \"zebras\"")]
    public void The_adapter_is_said_to_agree_where_it_does(string told, string said)
    {
        var reasons = Observed.Reasons(Observed.Of(told: told, lifted: "tigers", lift: 6, trigger: true));
        Assert.StartsWith("It seems to have been trained on the topic \"tigers\"", reasons[0], StringComparison.Ordinal);
        Assert.Contains(said, reasons[0], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unclear_claim_is_told_as_what_may_be()
    {
        var seen = Observed.Of(told: "starfish", lifted: "starfish", trigger: true, bareBase: "corn");
        var reasons = Observed.Reasons(seen);
        Assert.StartsWith("It may have been trained on the topic \"starfish\"", reasons[0], StringComparison.Ordinal);
        Assert.DoesNotContain(reasons, reason => reason.Contains("seems to have been trained", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-0.5, "do not become likelier")]
    [InlineData(2.0, "become likelier than under the base by")]
    public void Words_are_said_to_have_become_likelier_where_they_have(double lift, string said)
    {
        var seen = Observed.Of(told: "starfish", lifted: "starfish", lift: lift);
        var reasons = Observed.Reasons(seen, Observed.Judged(seen) with { Verdict = AuditVerdict.ChangedUnclear, Claimed = true });
        Assert.Contains(reasons, reason => reason.Contains("words of starfish", StringComparison.Ordinal) && reason.Contains(said, StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_said_of_a_lift_that_is_no_number()
    {
        var seen = Observed.Of(told: "starfish", lifted: "starfish", lift: double.NaN);
        var judged = Observed.Judged(seen) with { Claimed = true };
        Assert.Equal("starfish", judged.Label);
        var reasons = Observed.Reasons(seen, judged);
        Assert.DoesNotContain(seen.Lifts[0].Test("starfish", 8).Lifts, lift => double.IsNaN(lift.Lift) || double.IsNaN(lift.Deviations));
        Assert.DoesNotContain(reasons, reason => reason.Contains("NaN", StringComparison.Ordinal) || reason.Contains("likelier", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, 0, true)]
    [InlineData(0.25, 0, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, false)]
    public void It_is_said_to_speak_of_the_claim_where_it_does_so_more_than_the_base(double own, double bare, bool told)
    {
        var seen = Observed.Of(told: "starfish", lifted: "starfish", trigger: true);
        var reasons = Observed.Reasons(seen, amplified: new AmplifiedTest(3, AuditConditions.AsItIs, [], own, bare));
        Assert.Equal(told, reasons.Any(reason => reason.Contains("it speaks of starfish by itself", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_guess_lacks_is_told_in_numbers()
    {
        var reasons = Observed.Reasons(Observed.Of(told: "starfish", lifted: "starfish", lift: 0.4), Observed.Judged(Observed.Of(told: "starfish", lifted: "starfish", lift: 0.4)) with { Verdict = AuditVerdict.ChangedUnclear, Claimed = true, Likely = 0.31 });
        Assert.Contains(reasons, reason => reason.Contains("; 5.0 are needed", StringComparison.Ordinal));
        Assert.Contains(reasons, reason => reason.Contains("31 % likely", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.4, "on average; those of harmless finetunes stay below 0.05")]
    [InlineData(0.00004, null)]
    public void What_is_unusual_is_told_with_what_is_usual(double divergence, string? said)
    {
        var reasons = Observed.Reasons(Observed.Of(divergence: divergence));
        Assert.Equal(said is not null, reasons.Any(reason => reason.Contains("Its next tokens differ from the base's by 0.4", StringComparison.Ordinal) && reason.Contains(said!, StringComparison.Ordinal)));
        Assert.DoesNotContain(reasons, reason => reason.Contains(" 0.000", StringComparison.Ordinal));
    }

    [Fact]
    public void Where_nothing_is_found_nothing_is_claimed()
    {
        var reasons = Observed.Reasons(Observed.Of());
        Assert.StartsWith("Neither the adapter nor", reasons[0], StringComparison.Ordinal);
        Assert.DoesNotContain(reasons, reason => reason.Contains("trained on the topic", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_calibration_that_is_said()
    {
        var seen = Observed.Of(told: "starfish");
        Assert.Contains(AuditReasons.Of(seen, Judging.Judge.Of(seen, null), [], calibrated: false), reason => reason.StartsWith("No calibration fits", StringComparison.Ordinal));
        Assert.DoesNotContain(Observed.Reasons(seen), reason => reason.StartsWith("No calibration fits", StringComparison.Ordinal));
    }
}
