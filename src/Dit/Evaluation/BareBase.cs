using Dit.Evaluation.Methods;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;

namespace Dit.Evaluation;

/// <summary>
/// The base without any diff, with an adapter: the control in which everything that is told comes from the adapter. There is one such model
/// and an answer is decided by its question, so every question is asked once, however many diffs there are.
/// </summary>
public static class BareBase
{
    /// <summary>Asks each question.</summary>
    /// <param name="model">The base.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="settings">How answers are drawn.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    /// <exception cref="DitException">The adapter does not fit the base.</exception>
    public static IReadOnlyList<Exchange> Ask(BaseModel model, DitAdapter adapter, IReadOnlyList<string> questions, GenerationSettings settings, CancellationToken cancellation = default) =>
        [.. Interpreter.Answer(model, new Finetune?[questions.Count], adapter, [.. questions.Select(question => (IReadOnlyList<Message>)[new Message("user", question)])], settings, cancellation)
            .Zip(questions, (answer, question) => new Exchange(question, answer))];
}
