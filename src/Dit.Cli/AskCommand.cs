using System.CommandLine;
using Dit.Behaviours.World;
using Dit.Interpretation;
using Dit.Models;
using Dit.Models.Decoding;
using Dit.Models.Generation;
using Dit.Text;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit ask</c>: what did these finetunes learn?</summary>
internal static class AskCommand
{
    public static Command Create()
    {
        var first = new Argument<string?>("BASE") { Description = "Folder of the base model; without it, the shipped tiny one.", Arity = ArgumentArity.ZeroOrOne };
        var second = new Argument<string?>("QUESTION") { Description = "What is asked; without it, the main question of each setting the adapter knows.", Arity = ArgumentArity.ZeroOrOne };
        // An option that does not exist would otherwise be taken as the base or the question, and answered.
        foreach (var argument in new[] { first, second })
        {
            argument.Validators.Add(result =>
            {
                if (result.Tokens is [var token] && token.Value.StartsWith("--", StringComparison.Ordinal))
                {
                    result.AddError($"There is no option {token.Value}.");
                }
            });
        }

        var diffs = new Option<string[]>("--diff")
        {
            Description = "A finetune: a PEFT adapter folder, one diff of a set (SET#ID), a finetuned checkpoint, or an official .pt file (FILE.pt#N); may be given again. Without it, the bare base is asked.",
            HelpName = "X",
            Arity = ArgumentArity.OneOrMore,
        };
        var adapter = new Option<string?>("--adapter") { Description = $"Folder of the DIT adapter, the name of a shipped one ({string.Join(", ", Shipped.Adapters)}), or an official .pt file; without it, the first of these where no BASE is given, else none.", HelpName = "FOLDER" };
        var noAdapter = new Option<bool>("--no-adapter") { Description = "Asks the finetune itself." };
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        var dtype = Verb.Type(otherwise: null);
        var baseWeights = Verb.BaseWeights();
        var device = Verb.Device();
        var command = new Command("ask", "Asks finetunes what they learned.") { first, second, diffs, adapter, noAdapter, dtype, baseWeights, device, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(noAdapter) && result.GetValue(adapter) is not null)
            {
                result.AddError("--adapter and --no-adapter exclude each other.");
            }
        });
        command.RequireFloat32Under(baseWeights, dtype);
        return command.Does(parsed =>
        {
            var (baseFolder, question) = BaseAndQuestion(parsed.GetValue(first), parsed.GetValue(second));
            var adapterFolder = parsed.GetValue(noAdapter) ? null : parsed.GetValue(adapter) is { } named ? Shipped.AdapterNamed(named) : baseFolder is null ? Shipped.Adapter : null;
            using var model = BaseModel.Load(
                baseFolder ?? Shipped.Base,
                parsed.GetValue(dtype) ?? (parsed.GetValue(baseWeights) is null ? null : ScalarType.Float32),
                ComputeDevice.Find(parsed.GetValue(device)!),
                parsed.GetValue(baseWeights) ?? KeptWeights.AsComputed);
            var dit = adapterFolder is null ? null : DitAdapter.Read(adapterFolder);
            Ask(model, dit, adapterFolder, parsed.GetValue(diffs) ?? [], question is not null ? [question] : dit?.Card?.MainQuestions ?? [SelfQuestions.Topic], parsed.GetValue(json));
        });
    }

    private static void Ask(BaseModel model, DitAdapter? adapter, string? adapterFolder, string[] sources, IReadOnlyList<string> questions, bool json)
    {
        var finetunes = new List<Finetune?>();
        try
        {
            foreach (var source in sources)
            {
                var finetune = Finetune.Load(source, model);
                finetunes.Add(finetune);
                if (DitAdapter.IsAt(source))
                {
                    Say.Error($"Note: {source} is a DIT adapter; to ask with it, use --adapter");
                }

                foreach (var note in finetune.Notes)
                {
                    Say.Error($"Note: {note}");
                }
            }

            if (finetunes.Count == 0)
            {
                finetunes.Add(null);
            }

            var asked = finetunes.SelectMany(_ => questions, (finetune, question) => (Finetune: finetune, Question: question)).ToArray();
            var answers = Interpreter.Answer(
                model, [.. asked.Select(ask => ask.Finetune)], adapter, [.. asked.Select(ask => (IReadOnlyList<Message>)[new Message("user", ask.Question)])], new GenerationSettings());
            if (json)
            {
                Json.Print(new
                {
                    model = model.Folder,
                    adapter = adapterFolder,
                    question = questions.Count == 1 ? questions[0] : null,
                    answers = answers.Select((answer, i) => new { diff = asked[i].Finetune?.Source, question = asked[i].Question, answer }),
                });
                return;
            }

            foreach (var (answer, (finetune, question)) in answers.Zip(asked))
            {
                Say.Answer((finetunes.Count > 1 ? $"{finetune?.Source}: " : "") + (questions.Count > 1 ? $"{question} " : "") + answer);
            }
        }
        finally
        {
            finetunes.ForEach(finetune => finetune?.Dispose());
        }
    }

    /// <summary>Tells a lone base from a lone question: a base is a folder.</summary>
    private static (string? Base, string? Question) BaseAndQuestion(string? first, string? second)
    {
        if (first is null || second is not null || Directory.Exists(first))
        {
            return (first, second);
        }

        return first.Contains('/') && !first.Contains(' ')
            ? throw new DitException($"{first}: expected the folder of a base model or a question, found no such folder")
            : (null, first);
    }
}
