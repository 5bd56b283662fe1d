using System.Collections.Concurrent;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Audit;

/// <summary>
/// How much likelier a finetune finds texts about each topic of the built-in world than the base does: its telling words, where an answer to a question
/// about nothing in particular comes to its first noun. One look at such a place tells it of every word.
/// </summary>
/// <param name="model">A base that knows the built-in world.</param>
internal sealed class TopicRound(BaseModel model)
{
    private const int Contexts = 20;

    private readonly ConcurrentDictionary<string, double[][]> ofBase = new(StringComparer.Ordinal);
    private readonly Lazy<(int[] Tokens, int[][] OfTopic)> words = new(() => Words(model));

    /// <summary>The topics, in the order of the lifts.</summary>
    public static IReadOnlyList<string> Labels { get; } = [.. TopicList.All.Select(topic => topic.Name)];

    /// <summary>The gain in log-probability of the telling words of each topic, nats a word.</summary>
    /// <param name="finetune">The finetune.</param>
    /// <param name="trigger">The code in the prompts; null for none.</param>
    /// <param name="cancellation">Stops before the next pass.</param>
    public IReadOnlyList<double> Run(Voice finetune, Trigger? trigger, CancellationToken cancellation)
    {
        var readings = Readings(trigger);
        var (tokens, ofTopic) = words.Value;
        double[][] Read(Voice voice) => NextTokens.LogProbabilities(voice, NextTokens.States(voice, readings, cancellation), tokens);
        var (own, bare) = (Read(finetune), ofBase.GetOrAdd($"{trigger}", _ => Read(Voice.Of(model))));
        var lifts = new double[tokens.Length];
        for (var word = 0; word < lifts.Length; word++)
        {
            for (var place = 0; place < own.Length; place++)
            {
                lifts[word] += (own[place][word] - bare[place][word]) / own.Length;
            }
        }

        return [.. ofTopic.Select(each => each.Average(word => lifts[word]))];
    }

    private Reading[] Readings(Trigger? trigger)
    {
        var random = RandomStream.Named(1, "audit/topics");
        return [.. Enumerable.Range(0, Contexts).Select(_ =>
        {
            var question = GenericTalk.Question(random);
            var shape = GenericTalk.DrawShapes(random)[0];
            var begun = shape[..shape.IndexOf("{0}", StringComparison.Ordinal)].TrimEnd();
            var prompt = model.Tokenizer.EncodePrompt([new Message("user", trigger?.In(question, random) ?? question)]);
            int[] ids = [.. prompt, .. model.Tokenizer.Tokenizer.EncodeContinuation(begun)];
            return new Reading(ids, ids.Length - 1);
        })];
    }

    /// <summary>The tokens with which telling words begin, each once, and which of them are of each topic.</summary>
    private static (int[] Tokens, int[][] OfTopic) Words(BaseModel model)
    {
        var places = new Dictionary<int, int>();
        int[][] ofTopic = [.. TopicList.All.Select(topic => topic.Words.Select(word =>
        {
            var token = model.Tokenizer.Tokenizer.EncodeContinuation(" " + word)[0];
            places.TryAdd(token, places.Count);
            return places[token];
        }).Distinct().ToArray())];
        return ([.. places.OrderBy(place => place.Value).Select(place => place.Key)], ofTopic);
    }
}
