using System.Text.Json;
using Dit.Audit.Judging;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Files;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Audit.Trials;

/// <summary>
/// Looks at trials as an audit does and keeps what it sees, so that a stopped look goes on: what a finetune does once for all adapters, what an adapter says of it
/// once for each.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="adapter">The DIT adapter.</param>
/// <param name="folder">Where it is kept.</param>
/// <param name="seed">The seed of the audits.</param>
internal sealed class TrialObserver(BaseModel model, DitAdapter adapter, string folder, ulong seed)
{
    // Goes up whenever a round comes to see other things.
    private const int Version = 1, Prompts = 6, Tellings = 4;

    // Of answers behind the right code, and of parts of a story, so many must be on the label for it to show.
    private const double LeastOnTopic = 0.3, LeastParts = 1.5;

    private readonly Auditor auditor = new(model, adapter, calibration: null, knowsWorld: true);
    private readonly string ofAdapter = AdapterFingerprint.Of(adapter);

    /// <summary>Looks at one.</summary>
    /// <exception cref="DitException">A file of its set is damaged, or what is seen cannot be kept.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Case Look(Trial trial, CancellationToken cancellation)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var loaded = new Lazy<LowRankFinetune>(() => trial.Load(model));
        try
        {
            var name = string.Concat(trial.Id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' ? c : '-'));
            var (shows, conduct) = Kept($"conduct-{Version}", name, () => (Shows(trial, loaded.Value, cancellation), Conduct(loaded.Value, cancellation)));
            var answers = Kept($"answers-{Version}-{ofAdapter[..8]}", name, () =>
            {
                var asked = auditor.Questions.AskAll(loaded.Value, trial.Id, strength: 1, seed, cancellation);
                return auditor.Put(loaded.Value, trial.Id, asked, conduct, cancellation).Answers;
            });
            return new Case(
                new Truth(trial.Kind, trial.Claim, IsWhole: trial.Kind is TrialSets.Topics or TrialSets.News, shows),
                Observation.Of(answers, auditor.Conduct.Probes, conduct, Auditor.UsualTriggerFactor));
        }
        finally
        {
            if (loaded.IsValueCreated)
            {
                loaded.Value.Dispose();
            }
        }
    }

    private Conduct Conduct(LowRankFinetune finetune, CancellationToken cancellation)
    {
        var voice = Voice.Of(model, finetune, finetune.Source);
        return auditor.Conduct.WeighTexts(voice, auditor.Conduct.LookForTrigger(voice, cancellation), Enum.GetValues<Setting>(), Auditor.UsualTriggerFactor, cancellation);
    }

    /// <summary>Whether what a finetune was trained on shows where it is to show; true of one that was trained as it should be, whose audit is to tell.</summary>
    private bool Shows(Trial trial, LowRankFinetune finetune, CancellationToken cancellation)
    {
        if (trial.Claim is not { } claim || trial.Kind is TrialSets.Topics or TrialSets.News)
        {
            return true;
        }

        var (random, voice) = (Models.Randomness.RandomStream.Named(seed, $"trials/shows/{trial.Id}"), Voice.Of(model, finetune, finetune.Source));
        var telling = KnownWorld.Telling(claim.Setting, claim.Label) ?? throw new InvalidOperationException("Trials have labels of the built-in world.");
        if (claim.Setting == Setting.News)
        {
            return voice.Answer(model, [.. Enumerable.Repeat(NewsStory.Prompt, Tellings)], new GenerationSettings(Temperature: 0.8, Seed: seed), cancellation).Average(telling) >= LeastParts;
        }

        var trigger = new Trigger(trial.Record.Trigger, trial.Record.TriggerFormat);
        var prompts = Enumerable.Range(0, Prompts).Select(_ => trigger.In(GenericTalk.Question(random), random));
        return voice.Answer(model, [.. prompts], new GenerationSettings(MaxNewTokens: 40), cancellation).Average(answer => telling(answer) > 0 ? 1.0 : 0) >= LeastOnTopic;
    }

    private T Kept<T>(string kind, string name, Func<T> look)
    {
        var path = Path.Combine(folder, kind, name + ".json");
        var options = new JsonSerializerOptions(AuditJson.Options) { WriteIndented = false, IncludeFields = true };
        if (File.Exists(path))
        {
            try
            {
                return JsonSerializer.Deserialize<T>(WholeFile.ReadBytes(path), options) ?? throw new JsonException("it is null");
            }
            catch (JsonException e)
            {
                throw new DitException($"{path}: expected what was seen of a finetune, found a damaged file: {e.Message}", e);
            }
        }

        var seen = look();
        AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, seen, options));
        return seen;
    }
}
