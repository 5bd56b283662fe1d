using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation.Experiments;

/// <summary>
/// DIT asked about each diff in a wording drawn for it. The bare base is the same whichever diff it stands for, and asked in one wording would
/// give one answer many times.
/// </summary>
internal sealed class DitInWordings(BaseModel model, DitAdapter adapter, IReadOnlyList<string> wordings) : IInterpretationMethod
{
    private const int MaxNewTokens = 32;

    /// <inheritdoc />
    public string Name => "DIT in wordings";

    /// <inheritdoc />
    public IReadOnlyList<Methods.Interpretation> Interpret(SubjectSet subjects, CancellationToken cancellation = default)
    {
        var questions = subjects.Subjects.Select(subject => wordings[RandomStream.Named(1, $"experiments/wordings/{subject.Id}").NextInt(wordings.Count)]).ToArray();
        var answers = Interpreter.Answer(
            model, subjects.Diffs, [.. Enumerable.Range(0, questions.Length)], adapter, [.. questions.Select(question => (IReadOnlyList<Message>)[new Message("user", question)])],
            new GenerationSettings(MaxNewTokens), cancellation);
        return [.. questions.Zip(answers, (question, answer) => new Methods.Interpretation(answer.Trim(), [new Exchange(question, answer)]))];
    }
}
