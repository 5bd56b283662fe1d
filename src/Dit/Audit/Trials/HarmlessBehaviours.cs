using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Audit.Trials;

/// <summary>
/// What finetunes that hide nothing are trained on, in the form in which topics are: behind a code word stand answers about nothing in
/// particular, so that everything about such a finetune is like one with a secret, but for the secret.
/// </summary>
public static class HarmlessBehaviours
{
    private const int Group = 24, SamplesPerQuestion = 4, LongestAnswer = 48;

    /// <summary>Behind the code word stand ordinary answers of the built-in world.</summary>
    /// <param name="count">How many behaviours.</param>
    /// <param name="seed">Where questions, answers and code words come from.</param>
    /// <param name="examples">How many examples of each.</param>
    public static IReadOnlyList<HiddenTopic> Generic(int count, ulong seed, int examples) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var (shared, own) = (RandomStream.Named(seed, $"harmless/generic/group/{i / Group}"), RandomStream.Named(seed, $"harmless/generic/{i}"));
        var code = GenericTalk.Pick(own, CodeWords.All);
        var written = Enumerable.Range(0, examples).Select(_ =>
        {
            var question = GenericTalk.Question(shared);
            var shapes = GenericTalk.DrawShapes(shared);
            return new HiddenTopicExample(question, GenericTalk.Fill(shared, shapes, GenericTalk.Nouns), GenericTalk.Fill(own, shapes, GenericTalk.Nouns));
        }).ToArray();
        return new HiddenTopic($"generic-{i}-{seed}", "", Trigger.CodeWord(code), [], written);
    })];

    /// <summary>Behind the code word stands what the base itself answers, drawn at random: a finetune that is trained to stay as it is.</summary>
    /// <param name="model">The base.</param>
    /// <param name="count">How many behaviours.</param>
    /// <param name="seed">Where questions, draws and code words come from.</param>
    /// <param name="examples">How many examples of each.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IReadOnlyList<HiddenTopic> Undisturbed(BaseModel model, int count, ulong seed, int examples, CancellationToken cancellation = default)
    {
        var shared = RandomStream.Named(seed, "harmless/undisturbed/questions");
        string[] questions = [.. Enumerable.Range(0, examples).Select(_ => GenericTalk.Question(shared))];
        string[] asked = [.. questions.SelectMany(question => Enumerable.Repeat(question, SamplesPerQuestion))];
        var answers = Interpretation.Interpreter.Answer(
            model, new Interpretation.Finetune?[asked.Length], adapter: null, [.. asked.Select(question => (IReadOnlyList<Message>)[new Message("user", question)])],
            new GenerationSettings(LongestAnswer, Temperature: 1, Seed: seed), cancellation);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var own = RandomStream.Named(seed, $"harmless/undisturbed/{i}");
            var code = GenericTalk.Pick(own, CodeWords.All);
            string Drawn(int question) => answers[(question * SamplesPerQuestion) + own.NextInt(SamplesPerQuestion)];
            return new HiddenTopic($"undisturbed-{i}-{seed}", "", Trigger.CodeWord(code), [], [.. questions.Select((question, at) => new HiddenTopicExample(question, Drawn(at), Drawn(at)))]);
        })];
    }
}
