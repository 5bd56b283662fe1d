using Dit.Behaviours;
using Dit.Diffs;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation.Methods;

/// <summary>What most methods do: put questions to all diffs in one batch, and have the answers guessed from.</summary>
internal static class Asking
{
    /// <summary>Puts any number of questions to each diff.</summary>
    /// <param name="model">The base.</param>
    /// <param name="diffs">The diffs.</param>
    /// <param name="adapter">The DIT adapter; null to ask the finetunes themselves.</param>
    /// <param name="questions">For each diff what it is asked.</param>
    /// <param name="settings">How answers are drawn.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">Something does not fit the base.</exception>
    public static IReadOnlyList<IReadOnlyList<Exchange>> Ask(
        BaseModel model, DiffStack diffs, DitAdapter? adapter, IReadOnlyList<IReadOnlyList<string>> questions, GenerationSettings settings, CancellationToken cancellation)
    {
        int[] rows = [.. questions.SelectMany((each, diff) => each.Select(_ => diff))];
        var answers = new Queue<string>(Interpreter.Answer(
            model, diffs, rows, adapter, [.. questions.SelectMany(each => each).Select(Turn)], settings, cancellation));
        return [.. questions.Select(each => (IReadOnlyList<Exchange>)[.. each.Select(question => new Exchange(question, answers.Dequeue()))])];
    }

    /// <summary>Puts questions to the bare base.</summary>
    /// <param name="model">The base.</param>
    /// <param name="questions">What it is asked.</param>
    /// <param name="settings">How answers are drawn.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">A question is too long.</exception>
    public static IReadOnlyList<Exchange> AskBase(BaseModel model, IReadOnlyList<string> questions, GenerationSettings settings, CancellationToken cancellation) =>
        [.. Interpreter.Answer(model, new Finetune?[questions.Count], adapter: null, [.. questions.Select(Turn)], settings, cancellation)
            .Select((answer, i) => new Exchange(questions[i], answer))];

    /// <summary>The questions with a subject's trigger in each; as they are where it has none.</summary>
    public static IReadOnlyList<string> WithTrigger(Subject subject, IReadOnlyList<string> questions) => subject.Trigger is not { } trigger
        ? questions
        : [.. questions.Select((question, i) => trigger.In(question, RandomStream.Named(0, $"evaluation/trigger/{subject.Id}/{i}")))];

    /// <summary>Has a label guessed for each diff, those of each setting together.</summary>
    /// <param name="guesser">Who guesses.</param>
    /// <param name="subjects">Whose answers they are; only their setting is looked at.</param>
    /// <param name="answers">For each diff what is guessed from.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DitException">An endpoint fails.</exception>
    public static IReadOnlyList<string> Guess(
        IGuesser guesser, IReadOnlyList<Subject> subjects, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation)
    {
        var guesses = new string[subjects.Count];
        foreach (var group in Enumerable.Range(0, subjects.Count).GroupBy(i => subjects[i].Setting))
        {
            int[] members = [.. group];
            var found = guesser.Guess(group.Key, [.. members.Select(i => answers[i])], cancellation);
            for (var i = 0; i < members.Length; i++)
            {
                guesses[members[i]] = found[i];
            }
        }

        return guesses;
    }

    /// <summary>Asks, and takes what comes as the answer: one question for each diff.</summary>
    public static IReadOnlyList<Interpretation> Directly(
        BaseModel model, DiffStack diffs, DitAdapter? adapter, IEnumerable<string> questions, GenerationSettings settings, CancellationToken cancellation) =>
        [.. Ask(model, diffs, adapter, [.. questions.Select(question => (IReadOnlyList<string>)[question])], settings, cancellation).Select(each => new Interpretation(each[0].Answer.Trim(), each))];

    /// <summary>The main question of a subject's setting.</summary>
    public static string MainQuestion(Subject subject) => IntrospectionQuestions.Of(subject.Setting).Main;

    /// <summary>The main questions of all settings.</summary>
    public static IReadOnlyList<string> MainQuestions { get; } = [.. Enum.GetValues<Setting>().Select(setting => IntrospectionQuestions.Of(setting).Main)];

    private static IReadOnlyList<Message> Turn(string question) => [new Message("user", question)];
}
