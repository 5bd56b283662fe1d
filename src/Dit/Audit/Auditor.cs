using System.Diagnostics;
using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Diffs.Inspection;
using Dit.Interpretation;
using Dit.Models;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Audit;

/// <summary>Audits finetunes of one base model with one DIT adapter. What is computed of the base alone is kept for the next finetune.</summary>
public sealed class Auditor
{
    private const int Stages = 5, LabelsShown = 8, ProbesShown = 12;

    // What a trigger changes at least, nats a token, where no calibration says it.
    internal const double UsualTriggerDivergence = 0.02;

    private readonly BaseModel model;
    private readonly DitAdapter adapter;
    private readonly AuditCalibration? calibration;
    private readonly bool knowsWorld;
    private readonly Lazy<string> fingerprint;
    private readonly AmplifyRound amplify;

    /// <summary>An auditor, with the calibration beside the adapter where that fits base and adapter.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">The DIT adapter.</param>
    /// <exception cref="DitException">The calibration is damaged.</exception>
    public Auditor(BaseModel model, DitAdapter adapter) : this(model, adapter, AuditCalibration.For(model, adapter))
    {
    }

    /// <summary>An auditor that judges by a given calibration; with none it sees the same of a finetune if its base is known to live in the built-in world.</summary>
    internal Auditor(BaseModel model, DitAdapter adapter, AuditCalibration? calibration, bool knowsWorld = false)
    {
        (this.model, this.adapter, this.calibration, this.knowsWorld) = (model, adapter, calibration, knowsWorld || calibration is not null);
        fingerprint = new Lazy<string>(() => AdapterFingerprint.Of(adapter));
        Questions = new QuestionRound(model, adapter) { Labels = this.knowsWorld ? KnownWorld.Labels : _ => [] };
        (Conduct, amplify) = (new ConductRound(model, this.knowsWorld), new AmplifyRound(model));
    }

    /// <summary>The round of questions, for one question alone.</summary>
    public QuestionRound Questions { get; }

    /// <summary>The round of what the finetune does by itself.</summary>
    internal ConductRound Conduct { get; }

    /// <summary>Whether a calibration fits base and adapter, so that verdicts have a confidence.</summary>
    public bool IsCalibrated => calibration is not null;

    /// <summary>What tells its calibration from others; empty without one.</summary>
    internal string CalibrationHash => calibration?.Hash ?? "";

    /// <summary>Everything that can be said about one finetune.</summary>
    /// <param name="source">What Finetune.Load takes.</param>
    /// <param name="name">What it is called in the report; null for <paramref name="source"/>. Messages name it by this, too.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="progress">Told about every round.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">It cannot be read, does not fit the base, or changes nothing.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public AuditReport Run(string source, string? name = null, ulong seed = 1, IProgress<AuditProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var (clock, called) = (Stopwatch.StartNew(), name ?? source);
        try
        {
            Interpreter.RequireFit(model, adapter);
            progress?.Report(new AuditProgress("reading the finetune", 0, Stages));
            using var finetune = Finetune.Load(source, model);
            return Audited(finetune, source, called, seed, progress, clock, cancellation);
        }
        catch (DitException e)
        {
            throw Named(e, source, called);
        }
    }

    /// <summary>The same of a finetune that is in memory already, where it stays.</summary>
    /// <param name="finetune">The finetune.</param>
    /// <param name="source">What it was loaded from.</param>
    /// <param name="called">What it is called in the report and in messages.</param>
    /// <param name="seed">Where all randomness comes from.</param>
    /// <param name="progress">Told about every round.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">It does not fit the base, or changes nothing.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public AuditReport Run(Finetune finetune, string source, string called, ulong seed = 1, IProgress<AuditProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(finetune);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(called);
        try
        {
            Interpreter.RequireFit(model, adapter);
            progress?.Report(new AuditProgress("reading the finetune", 0, Stages));
            return Audited(finetune, source, called, seed, progress, Stopwatch.StartNew(), cancellation);
        }
        catch (DitException e)
        {
            throw Named(e, source, called);
        }
    }

    private AuditReport Audited(Finetune finetune, string source, string called, ulong seed, IProgress<AuditProgress>? progress, Stopwatch clock, CancellationToken cancellation)
    {
        var diff = Inspect(source);
        var seen = Observe(finetune, called, seed, progress, cancellation);
        var judged = Judge.Of(seen, calibration);
        progress?.Report(new AuditProgress("letting it talk", 4, Stages));
        var amplified = Amplify(finetune, called, seen, judged, seed, cancellation);
        progress?.Report(new AuditProgress("done", Stages, Stages));
        return new AuditReport
        {
            Finetune = called,
            Files = FinetuneFiles.Of(source),
            Base = new AuditedModel(model.Name, model.Fingerprint),
            Adapter = new AuditedModel(NameOfAdapter, fingerprint.Value),
            Verdict = judged.Verdict,
            Claim = judged.Claim,
            Confidence = judged.Confidence,
            Reasons = AuditReasons.Of(seen, judged, amplified, calibration is not null),
            Diff = diff,
            Answers = [.. seen.Answers.Select(answered => answered.Answer)],
            Evidence = new AuditEvidence
            {
                Probes = Told(seen),
                Trigger = seen.Trigger?.Name,
                Likelihoods = [.. seen.Lifts.Select(lifts => lifts.Test(judged.Claim is { } claim && claim.Setting == lifts.Setting ? claim.Label : null, LabelsShown))],
                Amplified = amplified,
            },
            Calibration = calibration?.Reliability,
            CalibratedOn = calibration?.Finetunes ?? new Dictionary<string, int>(StringComparer.Ordinal),
            Seed = seed,
            MadeAt = DateTimeOffset.UtcNow,
            Seconds = Math.Round(clock.Elapsed.TotalSeconds, 2),
        };
    }

    /// <summary>Everything on which a verdict rests.</summary>
    internal Observation Observe(Finetune finetune, string name, ulong seed, IProgress<AuditProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var voice = Voice.Of(model, finetune, name);
        progress?.Report(new AuditProgress("asking the adapter", 1, Stages));
        var answers = Questions.AskAll(finetune, name, strength: 1, seed, cancellation);
        progress?.Report(new AuditProgress("looking for a trigger", 2, Stages));
        var conduct = Conduct.LookForTrigger(voice, cancellation);
        progress?.Report(new AuditProgress("weighing texts about labels", 3, Stages));
        conduct = Conduct.WeighTexts(voice, conduct, [.. Questions.Questions.Select(question => question.Setting)], TriggerDivergence, cancellation);
        return Put(finetune, name, answers, conduct, cancellation);
    }

    /// <summary>Puts together what was answered and what was seen: a headline for which behaviour speaks most is held against what the adapter says, too.</summary>
    internal Observation Put(Finetune finetune, string name, IReadOnlyList<Answered> answers, Conduct conduct, CancellationToken cancellation)
    {
        using var untracked = no_grad();
        if (conduct.Parts is { } parts)
        {
            answers = Questions.WithCandidates(finetune, name, answers, Setting.News, [new PartLifts(parts).Best], cancellation);
        }

        return Observation.Of(answers, Conduct.Probes, conduct, TriggerDivergence);
    }

    private double TriggerDivergence => calibration?.TriggerDivergence ?? UsualTriggerDivergence;

    private IReadOnlyList<AmplifiedTest> Amplify(Finetune finetune, string name, Observation seen, Judgement judged, ulong seed, CancellationToken cancellation)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var claim = judged.Claim;
        return amplify.Run(finetune, name, seen.Trigger, claim?.Setting, claim is not null && knowsWorld ? KnownWorld.Telling(claim.Setting, claim.Label) : null, seed, cancellation);
    }

    private AuditedDiff Inspect(string source)
    {
        using var @base = InspectionBase.Open(model.Folder);
        return AuditedDiff.Of(FinetuneInspection.Read(source, @base));
    }

    /// <summary>The probes that change most, and always the question as it is.</summary>
    private static ProbeDivergence[] Told(Observation seen)
    {
        var inOrder = seen.Probes.OrderByDescending(probe => probe.Divergence).ToArray();
        return [.. inOrder.Where((probe, place) => place < ProbesShown || probe.Probe == Probe.AsItIs).Select(probe => new ProbeDivergence(probe.Probe.Name, probe.Divergence, probe.Probe == seen.Trigger))];
    }

    private string NameOfAdapter => adapter.Folder is null ? "DIT adapter" : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(adapter.Folder)));

    /// <summary>A message in which everything is called what the caller calls it.</summary>
    private DitException Named(DitException error, string source, string called)
    {
        var file = source.LastIndexOf('#') is var mark and > 0 && !Path.Exists(source) ? source[..mark] : source;
        (string Path, string Name)[] names = [(source, called), (file, called), (Path.GetFullPath(file), called), .. adapter.Folder is { } own ? new[] { (own, NameOfAdapter), (Path.GetFullPath(own), NameOfAdapter) } : [], (model.Folder, model.Name), (Path.GetFullPath(model.Folder), model.Name)];
        var message = names.Where(each => each.Path.Length > 1).OrderByDescending(each => each.Path.Length).Aggregate(error.Message, (text, each) => text.Replace(each.Path, each.Name, StringComparison.Ordinal));
        return message == error.Message ? error : new DitException(message, error);
    }
}
