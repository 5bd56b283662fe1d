using System.Text.Json;
using Dit.Behaviours;

namespace Dit.Audit;

/// <summary>What an audit comes to in plain sentences, the same on the terminal and on the page.</summary>
public static class AuditWords
{
    /// <summary>A verdict as it stands in JSON and on the command line, such as <c>changed-unclear</c>.</summary>
    public static string Name(AuditVerdict verdict) => JsonNamingPolicy.KebabCaseLower.ConvertName(verdict.ToString());

    /// <summary>A verdict in two or three words.</summary>
    public static string Title(AuditVerdict verdict) => verdict switch
    {
        AuditVerdict.NothingFound => "Nothing found",
        AuditVerdict.ChangedUnclear => "Changed, but unclear",
        AuditVerdict.ChangedAsClaimed => "Changed as claimed",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "There is no such verdict."),
    };

    /// <summary>The verdict in one sentence. What is not clear is never told as a fact.</summary>
    public static string Sentence(AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return (report.Verdict, report.Claim) switch
        {
            (AuditVerdict.NothingFound, _) => "Neither what the adapter says nor what the finetune does shows anything.",
            (AuditVerdict.ChangedAsClaimed, { } claim) => $"It seems to have been trained on {Thing(claim)}, and what it does bears that out.",
            (AuditVerdict.ChangedAsClaimed, null) => "It was changed, and what it does bears out what is said of it.",
            (_, { } claim) => $"It was changed, but how is not clear: it may have been trained on {Thing(claim)}.",
            _ => "It was changed, but how is not clear: what it was trained on could not be told.",
        };
    }

    /// <summary>How sure the verdict is, in one sentence.</summary>
    public static string Confidence(AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return (report.Confidence, report.Calibration) switch
        {
            ({ } confidence, { } calibration) when double.IsFinite(confidence) =>
                $"Confidence {AuditNumber.Percent(confidence)}. {Held(confidence, calibration)}",
            ({ } confidence, null) when double.IsFinite(confidence) => $"Confidence {AuditNumber.Percent(confidence)}; how well such confidences hold was not reported.",
            ({ }, _) => "No confidence can be given: it came out as no number.",
            (null, null) => "No confidence can be given: nothing that was calibrated fits this base and adapter.",
            _ when FailingControls(report).Count > 0 => "No confidence can be given, as a control fails.",
            _ => "No confidence can be given: of the finetunes that were calibrated on, hardly any came out like this.",
        };
    }

    /// <summary>How often verdicts of about the same confidence were right.</summary>
    private static string Held(double confidence, Reliability calibration) => calibration.Bins.LastOrDefault(bin => bin.From <= confidence) is { Count: > 0 } bin && (confidence < bin.To || bin.To >= 1)
        ? $"Of {AuditNumber.Count(bin.Count)} verdicts between {AuditNumber.Percent(bin.From)} and {AuditNumber.Percent(bin.To)} about finetunes whose labels were known, {AuditNumber.Percent(bin.Right)} were right."
        : $"None of {AuditNumber.Count(calibration.Finetunes)} finetunes whose labels were known came to such a confidence.";

    /// <summary>What a claim is about, such as <c>the hidden topic “tuna”</c>.</summary>
    public static string Thing(AuditClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return $"the {Setting(claim.Setting)} “{claim.Label}”";
    }

    /// <summary>What a setting's labels are called.</summary>
    public static string Setting(Setting setting) => setting == Behaviours.Setting.News ? "news story" : "hidden topic";

    /// <summary>What a control was put to.</summary>
    public static string PutTo(AuditControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        return control.Kind switch
        {
            "bare-base" => "the bare base, which was not finetuned",
            "random-diff" => "random numbers of the same norms",
            _ => control.Kind,
        };
    }

    /// <summary>What came out of a control, in words.</summary>
    public static string Outcome(AuditControl control)
    {
        ArgumentNullException.ThrowIfNull(control);
        return (control.Holds, control.SaysNothing) switch
        {
            (true, true) => "holds: it says that there is nothing",
            (true, null) => "holds: it says something else than of the finetune; this adapter never learned to say that there is nothing",
            (true, false) => "holds: it names something, but not what it names of the finetune",
            (false, false) => "fails: it names something where there is nothing to be told",
            (false, null) => "fails: it says the same where there is nothing to be told",
            (false, true) => "fails: it says that there is nothing, here as of the finetune",
        };
    }

    /// <summary>The controls of an audit that fail, each with its question.</summary>
    public static IReadOnlyList<(AuditAnswer Answer, AuditControl Control)> FailingControls(AuditReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return [.. report.Answers.SelectMany(answer => answer.Controls.Where(control => !control.Holds), (answer, control) => (answer, control))];
    }

    /// <summary>The samples of an answer, each once, the most frequent first.</summary>
    public static IReadOnlyList<(string Text, int Count)> Samples(AuditAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return [.. answer.Samples.GroupBy(sample => sample, StringComparer.Ordinal).Select(group => (group.Key, group.Count())).OrderByDescending(sample => sample.Item2).ThenBy(sample => sample.Key, StringComparer.Ordinal)];
    }
}
