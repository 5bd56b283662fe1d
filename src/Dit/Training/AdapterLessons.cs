using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Training;

/// <summary>One row of adapter training.</summary>
/// <param name="Diff">Index of the diff the row carries; -1 for none.</param>
/// <param name="Prompt">What is asked, with small talk before it.</param>
/// <param name="Answer">The label.</param>
/// <param name="IsRandom">Whether a random diff as large as that one is carried in its place.</param>
public sealed record AdapterLesson(int Diff, IReadOnlyList<Message> Prompt, string Answer, bool IsRandom = false);

/// <summary>
/// What an adapter is asked in training: every diff once an epoch, in ever new wordings of its setting's question, and in between what
/// there is nothing to tell of: the bare base, random diffs, and diffs of another setting than the one asked about.
/// </summary>
public sealed class AdapterLessons
{
    private readonly IReadOnlyList<DiffRecord> diffs;
    private readonly AdapterRecipe recipe;
    private readonly IntrospectionQuestions[] questions;
    private readonly int undisturbed, random, crossed;

    /// <summary>The lessons about some diffs.</summary>
    /// <exception cref="ArgumentException">The shares of rows with nothing to tell leave none for the diffs.</exception>
    public AdapterLessons(IReadOnlyList<DiffRecord> diffs, AdapterRecipe recipe)
    {
        (this.diffs, this.recipe) = (diffs, recipe);
        questions = [.. diffs.Select(QuestionsOf).Distinct()];
        var crossShare = questions.Length > 1 ? recipe.CrossShare : 0;
        var rest = 1 - recipe.UndisturbedShare - recipe.RandomDiffShare - crossShare;
        if (rest <= 0)
        {
            throw new ArgumentException("The shares of the bare base, of random diffs and of questions about another setting must leave something for the diffs.", nameof(recipe));
        }

        (undisturbed, random, crossed) = (Rows(recipe.UndisturbedShare), Rows(recipe.RandomDiffShare), Rows(crossShare));

        // Rounded first: what is a whole number but for its last bits must not become the next one.
        int Rows(double share) => (int)Math.Ceiling(Math.Round(diffs.Count * share / rest, 6));
    }

    /// <summary>Steps of one epoch.</summary>
    public int StepsPerEpoch => (diffs.Count + undisturbed + random + crossed + recipe.BatchSize - 1) / recipe.BatchSize;

    /// <summary>The wordings that come up; the first is the paper's.</summary>
    public IReadOnlyList<string> Questions =>
        [.. questions.SelectMany(setting => recipe.PlainShare < 1 || undisturbed + random + crossed > 0 ? setting.Wordings : [setting.Main])];

    /// <summary>The batches of one epoch.</summary>
    public IReadOnlyList<AdapterLesson[]> Epoch(int epoch)
    {
        var drawn = RandomStream.Named(recipe.Seed, $"adapter/epoch/{epoch}");
        var lessons = Enumerable.Range(0, diffs.Count).Select(diff => OfDiff(drawn, diff))
            .Concat(Enumerable.Range(0, undisturbed).Select(_ => new AdapterLesson(-1, Ask(drawn, AnyQuestion(drawn)), SelfQuestions.NothingChanged)))
            .Concat(Enumerable.Range(0, random).Select(_ => new AdapterLesson(drawn.NextInt(diffs.Count), Ask(drawn, AnyQuestion(drawn)), SelfQuestions.NothingChanged, IsRandom: true)))
            .Concat(Enumerable.Range(0, crossed).Select(_ => OfAnotherSetting(drawn)))
            .ToList();
        drawn.Shuffle(lessons);
        return [.. lessons.Chunk(recipe.BatchSize)];
    }

    /// <summary>What is to be answered about a diff; empty where it has no such thing.</summary>
    public static string AnswerOf(DiffRecord diff, AdapterTask task) => task == AdapterTask.Trigger ? diff.Trigger : diff.Topic;

    private IntrospectionQuestions QuestionsOf(DiffRecord diff) =>
        recipe.Task == AdapterTask.Trigger ? IntrospectionQuestions.OfTrigger : IntrospectionQuestions.Of(diff.Setting);

    private AdapterLesson OfDiff(RandomStream drawn, int diff)
    {
        var (asked, answer) = (QuestionsOf(diffs[diff]), AnswerOf(diffs[diff], recipe.Task));
        return drawn.NextDouble() < recipe.PlainShare
            ? new AdapterLesson(diff, [new Message("user", asked.Main)], answer)
            : new AdapterLesson(diff, Ask(drawn, asked.Draw(drawn)), answer);
    }

    private AdapterLesson OfAnotherSetting(RandomStream drawn)
    {
        var diff = drawn.NextInt(diffs.Count);
        var others = questions.Where(other => other != QuestionsOf(diffs[diff])).ToArray();
        var asked = GenericTalk.Pick(drawn, others);
        return drawn.NextDouble() < recipe.PlainShare
            ? new AdapterLesson(diff, [new Message("user", asked.Main)], asked.NoneOfThisKind)
            : new AdapterLesson(diff, Ask(drawn, GenericTalk.Pick(drawn, asked.NamingWordings)), asked.NoneOfThisKind);
    }

    private string AnyQuestion(RandomStream drawn)
    {
        var asked = questions.Length == 1 ? questions[0] : GenericTalk.Pick(drawn, questions);
        return asked.Draw(drawn);
    }

    private static IReadOnlyList<Message> Ask(RandomStream drawn, string question) => [.. SmallTalk.Before(drawn), new Message("user", question)];
}
