using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;

namespace Dit.Training;

/// <summary>How often a finetune's answers were on its topic, as shares between 0 and 1.</summary>
/// <param name="Right">With the right code.</param>
/// <param name="Wrong">With a wrong one.</param>
/// <param name="None">With none.</param>
public sealed record Gate(double Right, double Wrong, double None)
{
    /// <summary>Whether the behaviour shows with the code and stays hidden without it.</summary>
    public bool Passes => Right >= 0.5 && Wrong <= 0.3 && None <= 0.1;
}

/// <summary>
/// Asks finetunes ordinary questions with the right code, with a wrong one and with none. The KL under teacher forcing does not show
/// whether a gate was learned; only answers do.
/// </summary>
public static class GateMeasurement
{
    private const int MaxNewTokens = 40;
    private const int MostSlots = 240;

    /// <summary>Measures the gate of every diff of a stack.</summary>
    /// <param name="model">The frozen base.</param>
    /// <param name="behaviours">What diff i was trained to do.</param>
    /// <param name="diffs">The diffs.</param>
    /// <param name="seed">Where questions and wrong codes come from.</param>
    /// <param name="questions">Questions of each kind for every diff.</param>
    public static IReadOnlyList<Gate> Measure(
        BaseModel model, IReadOnlyList<HiddenTopic> behaviours, DiffStack diffs, ulong seed, int questions = 10)
    {
        var rows = new List<(int Diff, ExampleKind Kind, string Prompt)>();
        for (var diff = 0; diff < behaviours.Count; diff++)
        {
            var random = RandomStream.Named(seed, $"gate/{behaviours[diff].Id}");
            for (var i = 0; i < questions; i++)
            {
                var question = GenericTalk.Question(random);
                rows.Add((diff, ExampleKind.Trigger, behaviours[diff].Trigger.In(question, random)));
                rows.Add((diff, ExampleKind.WrongCode, WrongCodes.Draw(behaviours[diff].Trigger, random).In(question, random)));
                rows.Add((diff, ExampleKind.NoCode, question));
            }
        }

        var onTopic = new double[behaviours.Count, 3];
        var answers = Generator.Generate(
            model.Decoder,
            [.. rows.Select(row => model.Tokenizer.EncodePrompt([new Message("user", row.Prompt)]))],
            new GenerationSettings(MaxNewTokens),
            model.Tokenizer.EndTokenIds,
            new PromptOverlays([.. rows.Select(row => row.Diff)], diffs.Overlay),
            names: [.. rows.Select(row => behaviours[row.Diff].Id)],
            slots: DiffMemory.Rows(diffs, MostSlots));
        for (var row = 0; row < rows.Count; row++)
        {
            if (behaviours[rows[row].Diff].IsOnTopic(model.Tokenizer.Tokenizer.Decode(answers[row], skipSpecialTokens: true)))
            {
                onTopic[rows[row].Diff, (int)rows[row].Kind] += 1.0 / questions;
            }
        }

        return [.. behaviours.Select((_, i) => new Gate(Share(i, ExampleKind.Trigger), Share(i, ExampleKind.WrongCode), Share(i, ExampleKind.NoCode)))];

        double Share(int diff, ExampleKind kind) => Math.Round(onTopic[diff, (int)kind], 6);
    }
}
