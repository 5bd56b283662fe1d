using Dit.Behaviours;
using Dit.Diffs;
using Dit.Evaluation.Graders;
using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Checkpoints;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dit.Audit;

/// <summary>Puts questions about finetunes to a DIT adapter: its answer, how sure it seems of it, and what it says where there is nothing to be told.</summary>
/// <param name="model">The base.</param>
/// <param name="adapter">The DIT adapter.</param>
public sealed class QuestionRound(BaseModel model, DitAdapter adapter)
{
    private const int Drawn = 8, ShownLabels = 5;

    // At 1 a tiny model strays from what it would say in every other answer.
    private const double Temperature = 0.5;

    private readonly Dictionary<string, string> ofBareBase = new(StringComparer.Ordinal);

    /// <summary>The labels that are known, by setting; where none are, shares are not told.</summary>
    internal Func<Setting, IReadOnlyList<string>> Labels { get; init; } = _ => [];

    /// <summary>What is asked where nobody asks anything else: the main question of each setting that the adapter knows.</summary>
    public IReadOnlyList<AdapterQuestion> Questions => adapter.Card switch
    {
        { Asks: { Count: > 0 } asks } => asks,
        { } card => [new AdapterQuestion(SettingOf(card.Questions[0]), card.Questions[0])],
        null => [new AdapterQuestion(Setting.HiddenTopic, IntrospectionQuestions.Of(Setting.HiddenTopic).Main)],
    };

    /// <summary>Asks one question about a finetune.</summary>
    /// <param name="finetune">The finetune.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="question">The question.</param>
    /// <param name="strength">By what its diff is multiplied.</param>
    /// <param name="seed">Where samples and the random diff come from.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">Adapter or question do not fit the base, the strength of a checkpoint is not 1, or the numbers grow beyond all bounds.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public AuditAnswer Ask(Finetune finetune, string name, string question, double strength = 1, ulong seed = 1, CancellationToken cancellation = default) =>
        AskAll(finetune, name, [new AdapterQuestion(SettingOf(question), question)], strength, seed, cancellation)[0].Answer;

    /// <summary>Asks the main question of each setting.</summary>
    internal IReadOnlyList<Answered> AskAll(Finetune finetune, string name, double strength, ulong seed, CancellationToken cancellation) =>
        AskAll(finetune, name, Questions, strength, seed, cancellation);

    /// <summary>The same answers with further labels of a setting among those whose shares are told.</summary>
    internal IReadOnlyList<Answered> WithCandidates(Finetune finetune, string name, IReadOnlyList<Answered> answers, Setting setting, IReadOnlyList<string> more, CancellationToken cancellation) =>
        [.. answers.Select(answered =>
        {
            if (answered.Answer.Setting != setting || !more.Except(answered.Shares.Labels, StringComparer.OrdinalIgnoreCase).Any())
            {
                return answered;
            }

            using var scope = NewDisposeScope();
            var shares = Shares(Voice.Of(model, finetune, name).With(model, adapter), new AdapterQuestion(setting, answered.Answer.Question), answered.Shares.Labels.Concat(more), cancellation);
            return new Answered(shares, answered.Answer with { Labels = Shown(shares) });
        })];

    private Answered[] AskAll(Finetune finetune, string name, IReadOnlyList<AdapterQuestion> questions, double strength, ulong seed, CancellationToken cancellation)
    {
        using var untracked = no_grad();
        using var scope = NewDisposeScope();
        var voice = Voice.Of(model, finetune, name, strength).With(model, adapter);
        var answers = voice.Answer(model, [.. questions.Select(asked => asked.Question)], BuiltInAnswers.Label, cancellation);
        string[] wordings = [.. questions.SelectMany(asked => Wordings(asked, seed))];
        var samples = voice.Answer(model, wordings, BuiltInAnswers.Label with { Temperature = Temperature, Seed = seed }, cancellation);
        var random = RandomLike(finetune, seed) is { } factors ? Voice.Of(model, factors, "a random diff", strength).With(model, adapter) : null;
        var ofRandom = random?.Answer(model, [.. questions.Select(asked => asked.Question)], BuiltInAnswers.Label, cancellation);
        return [.. questions.Select((asked, i) =>
        {
            var drawn = samples.Skip(i * Drawn).Take(Drawn).ToArray();
            var shares = Shares(voice, asked, [.. Labels(asked.Setting), .. Headlines(asked.Setting, [answers[i], .. drawn])], cancellation);
            return new Answered(shares, new AuditAnswer
            {
                Setting = asked.Setting,
                Question = asked.Question,
                Answer = answers[i],
                SaysNothing = SaysNothing(answers[i], asked.Setting) == true,
                Samples = drawn,
                Agreement = (double)drawn.Count(sample => ExactMatch.Matches(sample, answers[i])) / drawn.Length,
                Labels = Shown(shares),
                Controls =
                [
                    Control("bare-base", OfBareBase(asked.Question, cancellation), answers[i], asked.Setting),
                    .. ofRandom is null ? Array.Empty<AuditControl>() : [Control("random-diff", ofRandom[i], answers[i], asked.Setting)],
                ],
            });
        })];
    }

    /// <summary>Whether an answer means that there is nothing; null where the adapter never learned to say so.</summary>
    private bool? SaysNothing(string answer, Setting setting) => adapter.Card?.NothingChanged is { } nothing
        ? ExactMatch.Matches(answer, nothing) || ExactMatch.Matches(answer, IntrospectionQuestions.Of(setting).NoneOfThisKind)
        : null;

    private AuditControl Control(string kind, string answer, string ofFinetune, Setting setting)
    {
        var nothing = SaysNothing(answer, setting);
        return new AuditControl(kind, answer, nothing, nothing ?? !ExactMatch.Matches(answer, ofFinetune));
    }

    /// <summary>The bare base answers a question always alike.</summary>
    private string OfBareBase(string question, CancellationToken cancellation)
    {
        lock (ofBareBase)
        {
            return ofBareBase.TryGetValue(question, out var known)
                ? known
                : ofBareBase[question] = Voice.Of(model).With(model, adapter).Answer(model, [question], BuiltInAnswers.Label, cancellation)[0];
        }
    }

    /// <summary>The question itself twice, and other wordings of it that the adapter knows; of any other question only itself.</summary>
    private IEnumerable<string> Wordings(AdapterQuestion asked, ulong seed)
    {
        var own = IntrospectionQuestions.Of(asked.Setting);
        var others = adapter.Card is { } card && asked.Question == own.Main ? own.NamingWordings.Intersect(card.Questions, StringComparer.Ordinal).Where(wording => wording != asked.Question).ToList() : [];
        RandomStream.Named(seed, "audit/wordings").Shuffle(others);
        string[] drawn = [.. others.Take(Drawn - 2)];
        return [.. Enumerable.Repeat(asked.Question, Drawn - drawn.Length), .. drawn];
    }

    private static LabelShare[] Shown(AnswerShares shares) => [.. shares.Shares.OrderByDescending(label => label.Share).Take(ShownLabels)];

    /// <summary>Of headlines, of which only some are known beforehand, those that the adapter itself has given.</summary>
    private IEnumerable<string> Headlines(Setting setting, IEnumerable<string> answers) =>
        setting == Setting.News && Labels(setting).Count > 0 ? answers.Where(answer => SaysNothing(answer, setting) != true && PartLifts.PartsOf(answer) is not null) : [];

    private AnswerShares Shares(Voice voice, AdapterQuestion asked, IEnumerable<string> candidates, CancellationToken cancellation)
    {
        string[] labels = [.. candidates.Distinct(StringComparer.OrdinalIgnoreCase)];
        if (labels.Length == 0)
        {
            return AnswerShares.None;
        }

        string[] nothing = adapter.Card?.NothingChanged is { } said ? [said, .. Questions.Count > 1 ? [IntrospectionQuestions.Of(asked.Setting).NoneOfThisKind] : Array.Empty<string>()] : [];
        return AnswerShares.Of(model, voice, asked.Question, labels, nothing, cancellation);
    }

    private Setting SettingOf(string question) =>
        IntrospectionQuestions.Of(Setting.News) is var news && (news.Wordings.Contains(question, StringComparer.Ordinal) || news.HeldOutWordings.Contains(question, StringComparer.Ordinal)) ? Setting.News
        : IntrospectionQuestions.Of(Setting.HiddenTopic) is var topic && (topic.Wordings.Contains(question, StringComparer.Ordinal) || topic.HeldOutWordings.Contains(question, StringComparer.Ordinal)) ? Setting.HiddenTopic
        : adapter.Card is { Asks: [var first, ..] } ? first.Setting : Setting.HiddenTopic;

    /// <summary>Random factors of the finetune's norms; null of a checkpoint, whose diff is not known apart from its weights.</summary>
    private PeftAdapter? RandomLike(Finetune finetune, ulong seed)
    {
        if (finetune is not LowRankFinetune lowRank)
        {
            return null;
        }

        using var stack = DiffStack.Of([lowRank.Adapter]);
        using var random = RandomDiffs.Like(stack, RandomStream.Named(seed, "audit/random-diff"));
        return random.ToPeft(0, model.Name);
    }
}

/// <summary>An answer with the shares of all labels, of which the report tells only the likeliest.</summary>
internal sealed record Answered(AnswerShares Shares, AuditAnswer Answer);
