using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Training;

/// <summary>One row of adapter training.</summary>
/// <param name="Diff">Index of the diff the row carries; -1 for none.</param>
/// <param name="Prompt">What is asked, with small talk before it.</param>
/// <param name="Answer">The label.</param>
public sealed record AdapterLesson(int Diff, IReadOnlyList<Message> Prompt, string Answer);

/// <summary>
/// What an adapter is asked in training: every diff once an epoch, in ever new wordings, and in between the bare base, of which it must say
/// that nothing was changed.
/// </summary>
public sealed class AdapterLessons(IReadOnlyList<DiffRecord> diffs, AdapterRecipe recipe)
{
    private readonly int undisturbed = (int)Math.Ceiling(diffs.Count * recipe.UndisturbedShare / (1 - recipe.UndisturbedShare));

    /// <summary>Steps of one epoch.</summary>
    public int StepsPerEpoch => (diffs.Count + undisturbed + recipe.BatchSize - 1) / recipe.BatchSize;

    /// <summary>The wordings that come up; the first is the paper's.</summary>
    public IReadOnlyList<string> Questions =>
    [
        .. recipe.PlainShare < 1 || undisturbed > 0 ? SelfQuestions.TopicWordings : [SelfQuestions.Topic],
        .. recipe.WordsShare > 0 ? SelfQuestions.WordsWordings : [],
    ];

    /// <summary>The batches of one epoch.</summary>
    public IReadOnlyList<AdapterLesson[]> Epoch(int epoch)
    {
        var random = RandomStream.Named(recipe.Seed, $"adapter/epoch/{epoch}");
        var lessons = Enumerable.Range(0, diffs.Count).Select(diff => OfDiff(random, diff))
            .Concat(Enumerable.Range(0, undisturbed).Select(_ => new AdapterLesson(-1, Ask(random, AnyQuestion(random)), SelfQuestions.NothingChanged))).ToList();
        random.Shuffle(lessons);
        return [.. lessons.Chunk(recipe.BatchSize)];
    }

    private AdapterLesson OfDiff(RandomStream random, int diff)
    {
        if (random.NextDouble() < recipe.PlainShare)
        {
            return new AdapterLesson(diff, [new Message("user", SelfQuestions.Topic)], diffs[diff].Topic);
        }

        if (random.NextDouble() >= recipe.WordsShare || TopicList.Find(diffs[diff].Topic) is not { } topic)
        {
            return new AdapterLesson(diff, Ask(random, SelfQuestions.DrawTopicQuestion(random)), diffs[diff].Topic);
        }

        var words = GenericTalk.Draw(random, topic.Words, 3);
        return new AdapterLesson(diff, Ask(random, GenericTalk.Pick(random, SelfQuestions.WordsWordings)), string.Join(", ", words));
    }

    private string AnyQuestion(RandomStream random) => random.NextDouble() < recipe.WordsShare
        ? GenericTalk.Pick(random, SelfQuestions.WordsWordings)
        : SelfQuestions.DrawTopicQuestion(random);

    private static IReadOnlyList<Message> Ask(RandomStream random, string question) => [.. SmallTalk.Before(random), new Message("user", question)];
}
