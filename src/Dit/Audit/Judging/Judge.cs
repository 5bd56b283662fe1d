using Dit.Behaviours;

namespace Dit.Audit.Judging;

/// <summary>From what was seen of a finetune to a verdict.</summary>
internal static class Judge
{
    // Confidences are never told as certainties.
    private const double MostLogit = 7;

    // A label that is less likely is not worth naming, even as what may be.
    private const double LeastGuess = 0.2;

    /// <summary>On what a verdict may rest, each with a confidence of its own: a label that behaviour supports, one that may be, several none of which is worth naming, unusual answers alone, and nothing of these.</summary>
    public static IReadOnlyList<string> Grounds { get; } = [Supported, Guessed, Unsettled, Unusual, Nothing];

    private const string Supported = "supported label", Guessed = "guessed label", Unsettled = "no one label", Unusual = "unusual answers", Nothing = "nothing";

    /// <summary>Judges by a calibration; without one by what the adapter says and by how much answers change, and then nothing is sure.</summary>
    public static Judgement Of(Observation seen, AuditCalibration? calibration) => calibration is null ? Uncalibrated(seen) : Calibrated(seen, calibration);

    private static Judgement Calibrated(Observation seen, AuditCalibration calibration)
    {
        double[] weights = [.. Option.Names.Select(name => calibration.Weights[name])];
        var posterior = Posterior.Of(Option.Of(seen), weights);
        var (best, probability) = posterior.Best ?? throw new InvalidOperationException("A calibrated adapter knows labels.");
        var (support, needed) = (Option.Support(seen, best.Setting, best.Label), calibration.SupportingDeviations[SettingNames.Of(best.Setting)]);
        var holds = seen.Answers.Where(answered => answered.Answer.Setting == best.Setting).All(Holds);
        var excess = Excess.Of(seen, calibration.UsualDivergence, calibration.UsualTopDivergence);
        var (verdict, ground, raw) =
            probability >= 0.5 && support >= needed && holds ? (AuditVerdict.ChangedAsClaimed, Supported, probability)
            : posterior.Nothing < 0.5 && probability >= LeastGuess ? (AuditVerdict.ChangedUnclear, Guessed, probability)
            : posterior.Nothing < 0.5 ? (AuditVerdict.ChangedUnclear, Unsettled, 1 - posterior.Nothing)
            : excess is not null ? (AuditVerdict.ChangedUnclear, Unusual, 0.5)
            : (AuditVerdict.NothingFound, Nothing, posterior.Nothing);
        // How often verdicts were right was measured where controls held.
        var measured = seen.Answers.All(Holds) ? ground : "";
        return new Judgement(verdict, best.Setting, best.Label)
        {
            Likely = probability, Support = support, SupportNeeded = needed, Excess = excess, Ground = measured, Score = Logit(raw), Claimed = ground is Supported or Guessed,
            Confidence = calibration.Confidences.TryGetValue(measured, out var line) ? line.Of(Logit(raw)) : null,
        };
    }

    private static Judgement Uncalibrated(Observation seen)
    {
        // An adapter that says the same where there is nothing to be told says nothing of the finetune.
        var told = seen.Answers.FirstOrDefault(answered => !answered.Answer.SaysNothing && Holds(answered));
        var excess = Excess.Of(seen);
        return new Judgement(told is not null || excess is not null ? AuditVerdict.ChangedUnclear : AuditVerdict.NothingFound, told?.Answer.Setting ?? Setting.HiddenTopic, told?.Answer.Answer ?? "")
        {
            Claimed = told is not null, Excess = excess,
        };
    }

    private static bool Holds(Answered answered) => answered.Answer.Controls.All(control => control.Holds);

    private static double Logit(double probability) => Math.Clamp(Math.Log(probability / Math.Max(1 - probability, double.Epsilon)), -MostLogit, MostLogit);
}

/// <summary>A verdict with what it rests on.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Setting">Of the likeliest label.</param>
/// <param name="Label">The likeliest label, whether it is claimed or not.</param>
internal sealed record Judgement(AuditVerdict Verdict, Setting Setting, string Label)
{
    /// <summary>Whether the label is claimed, or at least guessed.</summary>
    public bool Claimed { get; init; }

    /// <summary>How likely the label is, by the fitted weights; null without a calibration.</summary>
    public double? Likely { get; init; }

    /// <summary>How many standard deviations the finetune's behaviour speaks for the label.</summary>
    public double Support { get; init; }

    /// <summary>How many it takes, more than any label gets by chance.</summary>
    public double SupportNeeded { get; init; }

    /// <summary>By what answers change more than those of harmless finetunes do; null where they do not.</summary>
    public Excess? Excess { get; init; }

    /// <summary>On what the verdict rests, one of <see cref="Judge.Grounds"/>; empty where nothing was measured of such verdicts: without a calibration, or where a control fails.</summary>
    public string Ground { get; init; } = "";

    /// <summary>The verdict's raw score, a logit.</summary>
    public double Score { get; init; }

    /// <summary>How likely the verdict is right, with its claim where it has one; null where that was not measured.</summary>
    public double? Confidence { get; init; }

    /// <summary>The claim; null where nothing is claimed.</summary>
    public AuditClaim? Claim => Claimed ? new AuditClaim(Setting, Label) : null;
}
