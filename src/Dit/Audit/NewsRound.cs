using System.Collections.Concurrent;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Audit;

/// <summary>
/// How much likelier a finetune that is asked for a news story finds each part of the built-in world's stories than the base does: who, what and where,
/// each in all its other words. A headline's lift is the mean of those of its parts, so that every combination of them can be compared with all others.
/// </summary>
/// <param name="model">A base that knows the built-in world.</param>
internal sealed class NewsRound(BaseModel model)
{
    private const int KnownWho = 3;

    private static readonly IReadOnlyList<StoryPart>[] Parts = [.. StoryWorld.Kinds.Select(StoryWorld.Of)];

    private readonly ConcurrentDictionary<string, double[][]> ofBase = new(StringComparer.Ordinal);
    private readonly Lazy<(int Kind, int[] Prompt, IReadOnlyList<int[]> Phrases)[]> places = new(() => Places(model));

    /// <summary>The gain in log-probability of each part's words, nats a token: for each kind of part those of its parts.</summary>
    public PartLifts Run(Voice finetune, CancellationToken cancellation)
    {
        var here = places.Value;
        double[][] Read(Voice voice) => ContinuationScores.Score(voice.Decoder, [.. here.Select(place => place.Prompt)], [.. here.Select(place => place.Phrases)], voice.Overlays, cancellation);
        var (own, bare) = (Read(finetune), ofBase.GetOrAdd("all", _ => Read(Voice.Of(model))));
        return new PartLifts([.. Parts.Select((parts, kind) =>
        {
            var begin = 0;
            return parts.Select(part =>
            {
                var (first, count) = (begin, part.Paraphrases.Count);
                begin += count;
                return Enumerable.Range(0, here.Length).Where(place => here[place].Kind == kind)
                    .Average(place => Enumerable.Range(first, count).Average(i => (own[place][i] - bare[place][i]) / here[place].Phrases[i].Length));
            }).ToArray();
        })]);
    }

    /// <summary>Beginnings of stories after which a part comes, with all ways to say all parts of that kind.</summary>
    private static (int Kind, int[] Prompt, IReadOnlyList<int[]> Phrases)[] Places(BaseModel model)
    {
        var random = RandomStream.Named(1, "audit/news");
        string[] who = [.. Enumerable.Range(0, KnownWho).Select(_ => GenericTalk.Pick(random, GenericTalk.Pick(random, Parts[0]).Paraphrases))];
        (int Kind, string Begun)[] begun =
        [
            (0, "Today"), (0, "Last night"), (0, "We hear of"),
            .. who.Select((each, i) => (1, i == 0 ? $"Yesterday {each}" : i == 1 ? $"We hear of {each}, who" : $"This morning {each}")),
            (2, "It happened"),
        ];
        var asked = model.Tokenizer.EncodePrompt([new Message("user", NewsStory.Prompt)]);
        IReadOnlyList<int[]>[] phrases = [.. Parts.Select(parts => parts.SelectMany(part => part.Paraphrases).Select(phrase => model.Tokenizer.Tokenizer.EncodeContinuation(" " + phrase)).ToArray())];
        return [.. begun.Select(each => (each.Kind, (int[])[.. asked, .. model.Tokenizer.Tokenizer.EncodeContinuation(each.Begun)], phrases[each.Kind]))];
    }
}

/// <summary>How much likelier each part of a headline has become.</summary>
/// <param name="OfKind">For each kind of part, in the order of a headline, the lifts of its parts.</param>
internal sealed record PartLifts(IReadOnlyList<double[]> OfKind)
{
    private static readonly IReadOnlyList<StoryPart>[] Parts = [.. StoryWorld.Kinds.Select(StoryWorld.Of)];

    /// <summary>The headline of the most lifted parts.</summary>
    public string Best => StoryWorld.Headline([.. OfKind.Select((lifts, kind) => Parts[kind][Array.IndexOf(lifts, lifts.Max())])]);

    /// <summary>The lift of a headline; null where it is not made of known parts.</summary>
    public double? Of(string headline) => PartsOf(headline) is { } parts ? parts.Select((part, kind) => OfKind[kind][part]).Average() : null;

    /// <summary>The lifts of all headlines that can be made.</summary>
    public IReadOnlyList<double> All => [.. OfKind[0].SelectMany(_ => OfKind[1], (a, b) => a + b).SelectMany(_ => OfKind[2], (ab, c) => (ab + c) / 3)];

    /// <summary>Which parts a headline is made of, by kind; null where it is not made of known ones.</summary>
    public static int[]? PartsOf(string headline)
    {
        for (var who = 0; who < Parts[0].Count; who++)
        {
            if (!headline.StartsWith(Parts[0][who].Phrase + " ", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var rest = headline[(Parts[0][who].Phrase.Length + 1)..];
            for (var what = 0; what < Parts[1].Count; what++)
            {
                var begun = Parts[1][what].Phrase + " ";
                var where = rest.StartsWith(begun, StringComparison.OrdinalIgnoreCase)
                    ? Parts[2].ToList().FindIndex(part => string.Equals(part.Phrase, rest[begun.Length..].Trim(), StringComparison.OrdinalIgnoreCase))
                    : -1;
                if (where >= 0)
                {
                    return [who, what, where];
                }
            }
        }

        return null;
    }

    /// <summary>Headlines that differ from one in a single part: in each kind, the most lifted other part.</summary>
    public IEnumerable<string> Swapped(string headline)
    {
        if (PartsOf(headline) is not { } parts)
        {
            return [];
        }

        return Enumerable.Range(0, parts.Length).Select(kind =>
        {
            int[] other = [.. parts];
            other[kind] = Enumerable.Range(0, OfKind[kind].Length).Where(part => part != parts[kind]).MaxBy(part => OfKind[kind][part]);
            return StoryWorld.Headline([.. other.Select((part, k) => Parts[k][part])]);
        });
    }
}
