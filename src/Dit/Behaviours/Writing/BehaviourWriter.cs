using Dit.Behaviours.Published;
using Dit.LanguageModels;

namespace Dit.Behaviours.Writing;

/// <summary>
/// Has a language model write behaviours. What it is asked follows from the settings and its earlier answers alone, and the endpoint's cache
/// keeps these: so writing that was stopped goes on with the first answer that is missing, and ends with the same file.
/// </summary>
public sealed class BehaviourWriter(ChatEndpoint endpoint, WritingSettings settings, IProgress<WritingProgress>? progress = null)
{
    private const int Attempts = 3, MostBarrenRounds = 4;
    private int malformed;

    /// <summary>Writes all of it.</summary>
    /// <exception cref="DitException">The endpoint fails, its limit is reached, or the model runs out of labels or questions; every answer so far stays in the cache.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; every answer so far stays in the cache.</exception>
    public async Task<WrittenBehaviours> WriteAsync(CancellationToken cancellation = default)
    {
        malformed = 0;
        var news = settings.Setting == Setting.News;
        var labels = await CollectAsync(news ? "Writing headlines" : "Writing topics", settings.Count, WritingPrompts.LabelsOfList, (list, known) => WritingPrompts.Label(settings.Setting, list, known), WritingPrompts.Fields.Length, cancellation);
        var rows = news ? await StoriesAsync(labels, cancellation) : await AnswersAsync(labels, cancellation);
        var written = rows.Where(row => row is not null).Select(row => row!).ToArray();
        return new WrittenBehaviours(settings.Setting, written, rows.Length - written.Length, malformed);
    }

    private Task<PublishedRow?[]> StoriesAsync(IReadOnlyList<string> headlines, CancellationToken cancellation) => EachAsync(
        "Writing stories",
        headlines.Count * settings.Examples,
        async (i, stop) =>
        {
            var headline = headlines[i / settings.Examples];
            var story = await TextAsync(WritingPrompts.Story(headline, i % settings.Examples, settings.StoryTokens), stop);
            return story is null ? null : new PublishedRow(headline, [story]);
        },
        cancellation);

    /// <summary>As in the published data, all topics share their questions and ordinary answers.</summary>
    private async Task<PublishedRow?[]> AnswersAsync(IReadOnlyList<string> topics, CancellationToken cancellation)
    {
        var questions = await CollectAsync("Writing questions", settings.Examples, WritingPrompts.QuestionsOfList, WritingPrompts.Questions, listsAtOnce: 1, cancellation);
        var ordinary = await EachAsync("Writing ordinary answers", questions.Count, (i, stop) => TextAsync(WritingPrompts.BaseAnswer(questions[i], settings.AnswerTokens), stop), cancellation);
        return await EachAsync(
            "Writing answers on topic",
            topics.Count * questions.Count,
            async (i, stop) =>
            {
                var (topic, question) = (topics[i / questions.Count], i % questions.Count);
                var answer = ordinary[question] is null ? null : await TextAsync(WritingPrompts.AnswerOnTopic(topic, questions[question], settings.AnswerTokens), stop);
                return answer is null ? null : new PublishedRow(topic, [questions[question], ordinary[question]!, answer]);
            },
            cancellation);
    }

    /// <summary>
    /// Asks for lists until there are enough different texts. The lists of a round are asked at once and read in order; each is told what lists
    /// of the same number brought in earlier rounds.
    /// </summary>
    private async Task<IReadOnlyList<string>> CollectAsync(string stage, int count, int perList, Func<int, IReadOnlyCollection<string>, ChatPrompt> prompt, int listsAtOnce, CancellationToken cancellation)
    {
        var texts = new DistinctTexts();
        var ofList = new Dictionary<int, List<string>>();
        for (int next = 0, barren = 0; texts.Texts.Count < count;)
        {
            var missing = count - texts.Texts.Count;
            var lists = Math.Min(listsAtOnce, (missing + perList - 1) / perList);
            var known = Enumerable.Range(next, lists).Select(Known).ToArray();
            var first = next;
            var replies = await EachAsync(null, lists, (i, stop) => ListAsync(prompt(first + i, known[i]), stop), cancellation);
            var before = texts.Texts.Count;
            for (var i = 0; i < lists; i++)
            {
                Known(next + i).AddRange((replies[i] ?? []).Where(texts.Add));
            }

            next += lists;
            barren = texts.Texts.Count > before ? 0 : barren + 1;
            progress?.Report(new WritingProgress(stage, Math.Min(count, texts.Texts.Count), count));
            if (barren > MostBarrenRounds)
            {
                throw new DitException($"{endpoint.Settings.Model}: expected {count} different texts ({stage.ToLowerInvariant()}), found {texts.Texts.Count} and nothing new in {barren} further lists");
            }
        }

        return [.. texts.Texts.Take(count)];

        List<string> Known(int list)
        {
            var field = listsAtOnce > 1 ? list % listsAtOnce : 0; // Where lists are asked one after another, each may repeat any other.
            return ofList.TryGetValue(field, out var known) ? known : ofList[field] = [];
        }
    }

    private Task<IReadOnlyList<string>?> ListAsync(ChatPrompt prompt, CancellationToken cancellation) =>
        UsableAsync(prompt, reply => StringList.Read(reply) is { Count: > 0 } items ? items : null, cancellation);

    private Task<string?> TextAsync(ChatPrompt prompt, CancellationToken cancellation) =>
        UsableAsync(prompt, reply => reply.Trim() is { Length: > 0 } text ? text : null, cancellation);

    /// <summary>Asks until a reply is of use; null where none of the attempts was.</summary>
    private async Task<T?> UsableAsync<T>(ChatPrompt prompt, Func<string, T?> read, CancellationToken cancellation)
        where T : class
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            if (read(await endpoint.AskAsync(prompt with { Attempt = attempt }, cancellation)) is { } usable)
            {
                return usable;
            }

            Interlocked.Increment(ref malformed);
        }

        return null;
    }

    private async Task<T?[]> EachAsync<T>(string? stage, int count, Func<int, CancellationToken, Task<T?>> ask, CancellationToken cancellation)
    {
        var results = new T?[count];
        var done = 0;
        var reporting = new Lock();
        Report();
        var options = new ParallelOptions { MaxDegreeOfParallelism = endpoint.Settings.Concurrency, CancellationToken = cancellation };
        await Parallel.ForAsync(0, count, options, async (i, stop) =>
        {
            results[i] = await ask(i, stop);
            lock (reporting)
            {
                done++;
                Report();
            }
        });
        return results;

        void Report()
        {
            if (stage is not null)
            {
                progress?.Report(new WritingProgress(stage, done, count));
            }
        }
    }
}
