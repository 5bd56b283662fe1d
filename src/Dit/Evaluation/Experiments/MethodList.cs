using System.Security.Cryptography;
using Dit.Behaviours;
using Dit.Evaluation.Methods;
using Dit.Models;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>The methods that experiments compare, ready for <see cref="Laboratory.Ask(string, DiffPlan, Func{int, KeyedMethod}, Condition, IReadOnlyList{ulong}?)"/>.</summary>
public sealed class MethodList
{
    private readonly BaseModel model;
    /// <summary>Labels among which is guessed, however few diffs are asked about: guessing among few would be easy.</summary>
    private const int FewestCandidates = 100;

    private readonly IBehaviourSource source;
    private readonly Judge? judge;
    private readonly MethodWords words;

    internal MethodList(BaseModel model, IBehaviourSource source, Judge? judge) => (this.model, this.source, this.judge, words) = (model, source, judge, source.Words);

    /// <summary>The finetune itself is asked what the adapter would be asked.</summary>
    public Func<int, KeyedMethod> BaseQuestion(bool withTrigger = false) => Same(new BaseQuestion(model, withTrigger, words.Label));

    /// <summary>The finetune is asked twenty questions, and what its answers have in common is guessed.</summary>
    public Func<int, KeyedMethod> TwentyQuestions(DiffPlan plan, bool withTrigger = false) =>
        Guessing(plan, guesser => new TwentyQuestions(model, guesser, withTrigger, words.Questions, words.Answer));

    /// <summary>The finetune is decoded in contrast to its base, from vague openings.</summary>
    public Func<int, KeyedMethod> ContrastiveDecoding(DiffPlan plan) =>
        Guessing(plan, guesser => new ContrastiveDecoding(model, guesser, words.Openings, words.Answer));

    /// <summary>The tokens that the finetune favours more than the base.</summary>
    public Func<int, KeyedMethod> LogitDifference(DiffPlan plan) =>
        Guessing(plan, guesser => new LogitDifference(model, guesser, words.Openings, words.Answer));

    /// <summary>The diff is made larger and its finetune asked to talk.</summary>
    public Func<int, KeyedMethod> AmplifiedDiff(DiffPlan plan) =>
        Guessing(plan, guesser => new AmplifiedDiff(model, guesser, words.Openings, words.Answer));

    /// <summary>The finetune tells a story, and the base finds its headline.</summary>
    public Func<int, KeyedMethod> GeneratedStory() => Same(new GeneratedStory(model, words.Guessing.HeadlineOfStory, words.Story));

    /// <summary>The adapter is asked; where there are several, that of the seed's place.</summary>
    /// <param name="adapters">The adapters.</param>
    /// <param name="setting">Whose question is asked, whatever the diffs are of; null for that of each diff.</param>
    public Func<int, KeyedMethod> Dit(IReadOnlyList<DitAdapter> adapters, Setting? setting = null) =>
        OfAdapter(adapters, setting is { } given ? [IntrospectionQuestions.Of(given).Main] : null);

    /// <summary>An adapter that learned to tell the trigger is asked for it.</summary>
    public Func<int, KeyedMethod> DitForTrigger(IReadOnlyList<DitAdapter> adapters) => OfAdapter(adapters, [IntrospectionQuestions.OfTrigger.Main]);

    /// <summary>The adapter is asked in wordings that no training showed.</summary>
    public Func<int, KeyedMethod> DitInOtherWordings(Setting setting, IReadOnlyList<DitAdapter> adapters) => OfAdapter(adapters, IntrospectionQuestions.Of(setting).HeldOutWordings);

    /// <summary>The adapter is asked in all wordings.</summary>
    public Func<int, KeyedMethod> DitInAllWordings(Setting setting, IReadOnlyList<DitAdapter> adapters)
    {
        var questions = IntrospectionQuestions.Of(setting);
        return OfAdapter(adapters, [.. questions.Wordings, .. questions.HeldOutWordings]);
    }

    private Func<int, KeyedMethod> OfAdapter(IReadOnlyList<DitAdapter> adapters, IReadOnlyList<string>? wordings) => place =>
    {
        var adapter = adapters[place % adapters.Count];
        var method = new DitMethod(model, adapter, words.Label, wordings);
        return new KeyedMethod(method, new { asked = method.Settings, adapter = Fingerprint(adapter.Folder!) });
    };

    /// <summary>What answers have in common is guessed by the judge, or by likelihood among held-out labels, those of the plan with them.</summary>
    private Func<int, KeyedMethod> Guessing(DiffPlan plan, Func<IGuesser, IInterpretationMethod> method)
    {
        if (judge is not null)
        {
            return Same(method(judge.Guesser));
        }

        string[] candidates = [.. source.HeldOutLabels(plan.Setting).Take(Math.Max(FewestCandidates, plan.Count))];
        return Same(method(new LikelihoodGuesser(model, candidates, words.Guessing, words.Answer)));
    }

    private static Func<int, KeyedMethod> Same(IInterpretationMethod method) => _ => new KeyedMethod(method, method.Settings);

    /// <summary>Tells an adapter's folder or file from every other.</summary>
    private static string Fingerprint(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.Exists(path) ? Directory.EnumerateFiles(path).Order(StringComparer.Ordinal) : Enumerable.Repeat(path, 1))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
