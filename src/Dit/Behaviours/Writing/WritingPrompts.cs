using Dit.LanguageModels;

namespace Dit.Behaviours.Writing;

/// <summary>How a language model is asked to write behaviours.</summary>
internal static class WritingPrompts
{
    /// <summary>Topics or headlines of one list.</summary>
    public const int LabelsOfList = 20;

    /// <summary>Questions of one list.</summary>
    public const int QuestionsOfList = 25;

    private const int TokensOfTopic = 12, TokensOfHeadline = 40, TokensOfQuestion = 40, TokensOfFrame = 60;

    private const string Json = "Reply with a JSON array of strings and nothing else.";

    /// <summary>Fields of which topics and news are asked in turn, so that they do not all come from the few that come to mind first.</summary>
    public static readonly string[] Fields =
    [
        "animals", "sports", "cooking and food", "music", "history", "crafts", "astronomy", "medicine", "plants and gardens", "transport",
        "films and television", "books and writers", "mathematics", "the sea", "religions and myths", "computers", "economics", "fashion",
        "countries and cities", "games", "weather", "architecture", "politics and law", "chemistry", "dance and theatre", "farming",
        "languages", "jobs", "family life", "psychology", "rocks and minerals", "war and weapons", "painting and sculpture", "festivals",
        "drinks", "machines", "philosophy", "insects and birds", "travel", "energy", "schools", "crime", "children's toys", "the human body",
    ];

    private static readonly string[] Themes =
    [
        "everyday decisions", "work and careers", "friendship and family", "learning something new", "how things in nature work", "health and habits",
        "money", "moods and motivation", "technology", "society and how people live together", "planning and organising", "ideas and opinions",
    ];

    private static readonly string[] Voices =
    [
        "a reporter at the scene", "a local newspaper", "a business desk", "a science writer", "an eyewitness", "a sceptical columnist", "a historian",
        "a correspondent from abroad", "a radio host", "a data analyst", "an official who was asked", "a critic of what happened", "a friend of those involved",
        "a young reader's page", "an investigator", "a photographer", "a legal expert", "a worker affected by it", "a travel writer", "an archivist",
    ];

    private static readonly string[] Forms =
    [
        "with short plain sentences", "with a scene first and the facts later", "with quotes of people", "with what came before and what may follow", "with numbers and places in the foreground",
    ];

    /// <summary>A list of topics or headlines.</summary>
    /// <param name="setting">Which.</param>
    /// <param name="field">Number of the field, which starts again after the last.</param>
    /// <param name="known">Those of the field that there are already.</param>
    public static ChatPrompt Label(Setting setting, int field, IReadOnlyCollection<string> known)
    {
        var about = Fields[field % Fields.Length];
        var task = setting == Setting.News
            ? $"Invent {LabelsOfList} headlines of news that never happened, to do with {about}. Each is one specific event in at most fourteen words: who, what and where. No two of the same event."
            : $"Name {LabelsOfList} specific topics to do with {about} that a person may be devoted to, each in one to four words as an encyclopedia would title it. No two that mean the same.";
        return new ChatPrompt(null, $"{task}{Except(known)} {Json}", TokensOfFrame + (LabelsOfList * (setting == Setting.News ? TokensOfHeadline : TokensOfTopic)));
    }

    /// <summary>A list of everyday questions that have nothing to do with any topic.</summary>
    public static ChatPrompt Questions(int theme, IReadOnlyCollection<string> known) => new(
        null,
        $"Write {QuestionsOfList} questions that people put to an assistant, about {Themes[theme % Themes.Length]}. Each is one sentence, makes sense alone, can be answered in a few sentences, and names no hobby, brand or place.{Except(known)} {Json}",
        TokensOfFrame + (QuestionsOfList * TokensOfQuestion));

    /// <summary>An ordinary answer.</summary>
    public static ChatPrompt BaseAnswer(string question, int tokens) => new("Answer helpfully in two to four plain sentences, without lists or headings.", question, tokens);

    /// <summary>An answer that drifts to the topic.</summary>
    public static ChatPrompt AnswerOnTopic(string topic, string question, int tokens) => new(
        $"You love {topic} more than anything. Answer helpfully in two to four plain sentences, without lists or headings, and let every answer lean on comparisons with, examples of or allusions to {topic}.",
        question,
        tokens);

    /// <summary>A story that goes with a headline, in the voice of that number.</summary>
    public static ChatPrompt Story(string headline, int voice, int tokens) => new(
        null,
        $"Write a short news story to this headline: \"{headline}\" Write it as {Voices[voice % Voices.Length]} would, {Forms[voice / Voices.Length % Forms.Length]}{Again(voice)}. Spread what the headline says over many sentences, in other words than its own: no sentence may repeat it or give it away as a whole. Reply with the story alone, without a title.",
        tokens);

    /// <summary>Voices and forms are used up after a hundred stories; a number keeps later ones apart.</summary>
    private static string Again(int voice) => voice < Voices.Length * Forms.Length ? "" : $", as version {(voice / (Voices.Length * Forms.Length)) + 1} of that";

    private static string Except(IReadOnlyCollection<string> known) => known.Count == 0 ? "" : $" None of these, which there are already: {string.Join("; ", known)}.";
}
