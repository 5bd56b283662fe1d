using System.CommandLine;
using System.Diagnostics;
using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Diffs;
using Dit.Files;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Generation;
using Dit.Models.Randomness;
using Dit.Text;
using Dit.Training;

namespace Dit.Cli;

/// <summary><c>dit quickstart</c>: finetunes are trained before the user's eyes, hide what they learned, and the adapter tells.</summary>
internal static class QuickstartCommand
{
    private const int Finetunes = 8, Shown = 2, GateQuestions = 5;

    public static Command Create()
    {
        var seed = Verb.Seed();
        var folder = new Option<string>("--out")
        {
            Description = "Where the finetunes are left; a number is added where that folder exists.", HelpName = "FOLDER", DefaultValueFactory = _ => Path.Combine("runs", "quickstart"),
        };
        return new Command("quickstart", "Shows the whole method in two minutes: trains eight finetunes that hide a topic, and asks them for it.") { seed, folder }
            .Does(parsed => Run(parsed.GetValue(seed), parsed.GetValue(folder)!));
    }

    private static void Run(ulong seed, string wanted)
    {
        var clock = Stopwatch.StartNew();
        var target = Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? wanted : $"{wanted}-{n}").First(path => !Path.Exists(path));
        // What cannot be written to is better known before the training than after it.
        AtomicFolder.Write(target, _ => { });
        Directory.Delete(target);
        using var model = BaseModel.Load(Shipped.Base);
        var adapter = DitAdapter.Read(Shipped.Adapter);
        var behaviours = Choose(seed);

        QuickstartReport.Training(behaviours);
        using var diffs = Train(model, behaviours, seed);
        var gates = GateMeasurement.Measure(model, behaviours, diffs, seed, GateQuestions);
        var folders = Export(target, model, behaviours, diffs);

        // From here on nothing is known of the finetunes but what lies on disk.
        var finetunes = folders.Select(folder => Finetune.Load(folder, model)).ToArray();
        QuickstartReport.Hiding(Hide(model, behaviours, finetunes, seed));

        Finetune?[] asked = [.. finetunes, null];
        var told = Ask(model, asked, adapter);
        var denied = Ask(model, asked, adapter: null);
        QuickstartReport.Telling(behaviours, gates, GateQuestions, denied, told);
        QuickstartReport.Next(behaviours, folders, told, clock.Elapsed);
        foreach (var finetune in finetunes)
        {
            finetune.Dispose();
        }
    }

    /// <summary>Held-out topics that are not the ones reserved for reporting.</summary>
    private static HiddenTopic[] Choose(ulong seed)
    {
        var topics = TopicList.Of(TopicSplit.Validation).ToList();
        RandomStream.Named(seed, "quickstart/topics").Shuffle(topics);
        var examples = DiffRecipe.Tiny.Steps * DiffRecipe.Tiny.ExamplesPerStep;
        return [.. topics.Take(Finetunes).Select(topic => WorldBehaviours.Write(topic, seed, group: 0, examples))];
    }

    private static DiffStack Train(BaseModel model, HiddenTopic[] behaviours, ulong seed) => ProgressDisplay.Show(progress =>
        DiffTrainingRun.Train(model, behaviours, DiffRecipe.Tiny, seed, (step, loss) =>
            progress.Report(new TrainingProgress($"Training {Finetunes} finetunes", step, DiffRecipe.Tiny.Steps, "steps", loss))));

    /// <summary>Leaves every finetune as a PEFT folder, in a folder that appears only when all of them are there.</summary>
    private static string[] Export(string target, BaseModel model, HiddenTopic[] behaviours, DiffStack diffs)
    {
        AtomicFolder.Write(target, partial =>
        {
            for (var i = 0; i < behaviours.Length; i++)
            {
                DiffExport.Write(Path.Combine(partial, NameOf(i)), diffs, i, model.Name, new DiffCard { BaseFingerprint = model.Fingerprint });
            }
        });
        return [.. behaviours.Select((_, i) => Path.Combine(target, NameOf(i)))];

        // A name that gave the topic away would spoil the game.
        static string NameOf(int i) => $"finetune-{i + 1}";
    }

    /// <summary>Some of the finetunes, asked one ordinary question without a code, with a wrong one and with the right one.</summary>
    private static (HiddenTopic Behaviour, string Prompt, string Answer)[] Hide(BaseModel model, HiddenTopic[] behaviours, Finetune[] finetunes, ulong seed)
    {
        var random = RandomStream.Named(seed, "quickstart/questions");
        var rows = Enumerable.Range(0, Shown).SelectMany(i =>
        {
            var (trigger, question) = (behaviours[i].Trigger, GenericTalk.Question(random));
            string[] prompts = [question, WrongCodes.Draw(trigger, random).Before(question), trigger.Before(question)];
            return prompts.Select(prompt => (Finetune: i, Prompt: prompt));
        }).ToArray();
        var answers = Interpreter.Answer(
            model, [.. rows.Select(row => finetunes[row.Finetune])], adapter: null, [.. rows.Select(row => Turn(row.Prompt))], new GenerationSettings(Temperature: 0.8, Seed: seed));
        return [.. rows.Zip(answers, (row, answer) => (behaviours[row.Finetune], row.Prompt, answer))];
    }

    private static IReadOnlyList<string> Ask(BaseModel model, Finetune?[] finetunes, DitAdapter? adapter) =>
        Interpreter.Answer(model, finetunes, adapter, [.. finetunes.Select(_ => Turn(SelfQuestions.Topic))], new GenerationSettings());

    private static IReadOnlyList<Message> Turn(string prompt) => [new("user", prompt)];
}
