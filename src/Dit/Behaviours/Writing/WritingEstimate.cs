using Dit.LanguageModels;

namespace Dit.Behaviours.Writing;

/// <summary>What writing will take, before anything is asked: every answer counted at its longest, every question at its usual length.</summary>
/// <param name="Requests">Questions to the model, some lists asked again included.</param>
/// <param name="Usage">Tokens, at four characters a token.</param>
/// <param name="Cost">Dollars; null where no prices are known.</param>
public sealed record WritingEstimate(long Requests, TokenUsage Usage, decimal? Cost)
{
    private const int CharactersOfToken = 4, TokensOfExclusions = 150, TypicalLabelTokens = 12;

    /// <summary>Estimates.</summary>
    public static WritingEstimate Of(WritingSettings settings, Prices? prices)
    {
        var lists = WritingPrompts.Label(settings.Setting, 0, []);
        var listRequests = RoundUp(settings.Count, WritingPrompts.LabelsOfList) * 3L / 2; // Some of them repeat each other.
        var usage = Of(lists, listRequests, extra: TokensOfExclusions);
        var examples = (long)settings.Count * settings.Examples;
        long requests;
        if (settings.Setting == Setting.News)
        {
            usage += Of(WritingPrompts.Story("", 0, settings.StoryTokens), examples, TypicalLabelTokens);
            requests = listRequests + examples;
        }
        else
        {
            var questionLists = RoundUp(settings.Examples, WritingPrompts.QuestionsOfList);
            usage += Of(WritingPrompts.Questions(0, []), questionLists, TokensOfExclusions);
            usage += Of(WritingPrompts.BaseAnswer("", settings.AnswerTokens), settings.Examples, TypicalLabelTokens);
            usage += Of(WritingPrompts.AnswerOnTopic("", "", settings.AnswerTokens), examples, 2 * TypicalLabelTokens);
            requests = listRequests + questionLists + settings.Examples + examples;
        }

        return new WritingEstimate(requests, usage, prices?.Of(usage));
    }

    private static long RoundUp(int count, int parts) => (count + parts - 1) / parts;

    private static TokenUsage Of(ChatPrompt prompt, long times, int extra) =>
        new(times * ((((prompt.System?.Length ?? 0) + prompt.User.Length) / CharactersOfToken) + extra), times * prompt.MostTokens);
}
