using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;

namespace Dit.Audit;

/// <summary>What a finetune says by itself, as it is and with its diff several times as large, and how often that is about the claim.</summary>
/// <param name="model">The base.</param>
internal sealed class AmplifyRound(BaseModel model)
{
    private const int Prompts = 4, LongestAnswer = 40, Shown = 3;

    /// <summary>By what a diff is multiplied to bring out what it does.</summary>
    public const double Strength = 3;

    /// <summary>Asks with every strength and under every condition.</summary>
    /// <param name="finetune">The finetune.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="trigger">The trigger that was found; null where none was.</param>
    /// <param name="claim">What is claimed of it; null where nothing is.</param>
    /// <param name="telling">Counts how much of an answer tells of the claim; null where that is not known.</param>
    /// <param name="seed">Where questions and draws come from.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    public IReadOnlyList<AmplifiedTest> Run(Finetune finetune, string name, Probe? trigger, Setting? claim, Func<string, int>? telling, ulong seed, CancellationToken cancellation)
    {
        var random = RandomStream.Named(seed, "audit/amplified");
        string[] questions = [.. Enumerable.Range(0, Prompts).Select(_ => claim == Setting.News ? NewsStory.Prompt : GenericTalk.Question(random))];
        var settings = new GenerationSettings(LongestAnswer, Temperature: 0.8, Seed: seed, EndsWhereNotFinite: true);
        (string Name, string[] Prompts)[] conditions =
        [
            (claim == Setting.News ? AuditConditions.AskedForNews : AuditConditions.AsItIs, questions),
            .. trigger is { Trigger: { } code } && claim != Setting.News ? new[] { (AuditConditions.Behind(trigger), questions.Select(question => code.In(question, random)).ToArray()) } : [],
        ];
        string[] all = [.. conditions.SelectMany(condition => condition.Prompts)];
        double[] strengths = finetune is LowRankFinetune ? [1, Strength] : [1];
        var ofBase = Mentions(Voice.Of(model).Answer(model, all, settings, cancellation));
        return [.. strengths.SelectMany(strength =>
        {
            var answers = Voice.Of(model, finetune, name, strength).Answer(model, all, settings, cancellation);
            var mentions = Mentions(answers);
            return conditions.Select((condition, i) => new AmplifiedTest(
                strength, condition.Name, [.. answers.Skip(i * Prompts).Take(Shown)], Mean(mentions, i), Mean(ofBase, i))).ToArray();
        })];

        double[]? Mentions(IReadOnlyList<string> answers) => telling is null ? null : [.. answers.Select(answer => (double)telling(answer))];
        static double? Mean(double[]? mentions, int condition) => mentions?.Skip(condition * Prompts).Take(Prompts).Average();
    }
}
