using Dit.Behaviours;
using Dit.Evaluation.Graders;
using Dit.Evaluation.Methods;
using Dit.LanguageModels;

namespace Dit.Evaluation.Experiments;

/// <summary>A language model that grades answers as in the paper, and guesses what answers have in common. The endpoint stays its owner's.</summary>
public sealed class Judge(ChatEndpoint endpoint)
{
    private readonly Dictionary<Setting, LlmJudge> graders = [];

    /// <summary>The model's name.</summary>
    public string Model => endpoint.Settings.Model;

    /// <summary>Guesses in place of likelihood.</summary>
    public JudgeGuesser Guesser { get; } = new(endpoint);

    /// <summary>What it did so far.</summary>
    public JudgeNotes Notes => new(Model, graders.Values.Sum(grader => grader.Report.Verdicts), graders.Values.Sum(grader => grader.Report.FailedToParse), Guesser.Failed, endpoint.Report);

    /// <summary>The grader of a setting's answers.</summary>
    public IGrader Of(Setting setting) => graders.TryGetValue(setting, out var known) ? known : graders[setting] = new LlmJudge(endpoint, setting);
}
