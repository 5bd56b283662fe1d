using Dit.Behaviours;

namespace Dit.Evaluation.Methods;

/// <summary>Tells what a model's answers have in common.</summary>
public interface IGuesser
{
    /// <summary>Everything that decides its guesses beside the base, as for <see cref="IInterpretationMethod.Settings"/>.</summary>
    object Settings { get; }

    /// <summary>One label for each diff's answers.</summary>
    /// <param name="setting">What kind of label is looked for.</param>
    /// <param name="answers">For each diff, what was asked and answered.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="DitException">An endpoint fails.</exception>
    IReadOnlyList<string> Guess(Setting setting, IReadOnlyList<IReadOnlyList<Exchange>> answers, CancellationToken cancellation = default);
}
