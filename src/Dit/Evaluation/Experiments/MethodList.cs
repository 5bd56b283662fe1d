using Dit.Behaviours;
using Dit.Evaluation.Methods;
using Dit.Models;
using Dit.Models.Generation;

namespace Dit.Evaluation.Experiments;

/// <summary>The methods that experiments compare, ready for <see cref="Laboratory.Ask(string, DiffPlan, Func{int, KeyedMethod}, Condition, IReadOnlyList{ulong}?)"/>.</summary>
public sealed class MethodList
{
    /// <summary>Labels among which is guessed and ranked, however few diffs are asked about: among few it would be easy.</summary>
    private const int FewestCandidates = 100;

    private readonly BaseModel model;
    private readonly IBehaviourSource source;
    private readonly Judge? judge;
    private readonly MethodWords words;

    internal MethodList(BaseModel model, IBehaviourSource source, Judge? judge) => (this.model, this.source, this.judge, words) = (model, source, judge, source.Words);

    /// <summary>The finetune itself is asked what the adapter would be asked.</summary>
    public Func<int, KeyedMethod> BaseQuestion(bool withTrigger = false)
    {
        var method = new BaseQuestion(model, withTrigger, words.Label);
        return _ => new KeyedMethod(method, method.Settings) { Asks = withTrigger ? null : setting => IntrospectionQuestions.Of(setting).Main };
    }

    /// <summary>The labels among which is guessed and ranked: those that are held out, from their beginning.</summary>
    public IReadOnlyList<string> Candidates(Setting setting, int count) => [.. source.HeldOutLabels(setting).Distinct(StringComparer.Ordinal).Take(Math.Max(FewestCandidates, count))];

    /// <summary>How an answer is drawn that is to name a label.</summary>
    internal GenerationSettings DrawnLabel => words.Label;

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
    public Func<int, KeyedMethod> Dit(IReadOnlyList<KeptAdapter> adapters, Setting? setting = null) =>
        OfAdapter(adapters, setting is { } given ? [IntrospectionQuestions.Of(given).Main] : null, asked => IntrospectionQuestions.Of(setting ?? asked).Main);

    /// <summary>An adapter that learned to tell the trigger is asked for it.</summary>
    public Func<int, KeyedMethod> DitForTrigger(IReadOnlyList<KeptAdapter> adapters) => OfAdapter(adapters, [IntrospectionQuestions.OfTrigger.Main]);

    /// <summary>The adapter is asked in wordings that no training showed.</summary>
    public Func<int, KeyedMethod> DitInOtherWordings(Setting setting, IReadOnlyList<KeptAdapter> adapters) => OfAdapter(adapters, IntrospectionQuestions.Of(setting).HeldOutWordings);

    private Func<int, KeyedMethod> OfAdapter(IReadOnlyList<KeptAdapter> adapters, IReadOnlyList<string>? wordings, Func<Setting, string>? ranks = null) => place =>
    {
        var adapter = adapters[place % adapters.Count];
        var opened = adapter.Open();
        var method = new DitMethod(model, opened, words.Label, wordings);
        return new KeyedMethod(method, new { asked = method.Settings, adapter = adapter.Fingerprint }) { Adapter = adapter, Opened = opened, Asks = ranks };
    };

    /// <summary>What answers have in common is guessed by the judge, or by likelihood among held-out labels, those of the plan with them.</summary>
    private Func<int, KeyedMethod> Guessing(DiffPlan plan, Func<IGuesser, IInterpretationMethod> method)
    {
        if (judge is not null)
        {
            return Same(method(judge.Guesser));
        }

        return Same(method(new LikelihoodGuesser(model, Candidates(plan.Setting, plan.Count), words.Guessing, words.Answer)));
    }

    private static Func<int, KeyedMethod> Same(IInterpretationMethod method) => _ => new KeyedMethod(method, method.Settings);
}
