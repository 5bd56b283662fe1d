using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Dit.Audit.Trials;
using Dit.Evaluation.Experiments;
using Dit.LanguageModels;
using Dit.Models;
using Dit.Training;
using Spectre.Console;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit reproduce</c>: one of the paper's experiments, with its table and plot.</summary>
internal static class ReproduceCommand
{
    // Of each of four kinds.
    private const int FinetunesOfAudits = 50;

    public static Command Create(CancellationToken stop)
    {
        var name = Name();
        var scale = ScaleOption();
        var baseFolder = Verb.Base();
        var usual = new ExperimentSettings();
        var seeds = SeedsOption.Create("Seeds of the held-out diffs", usual.Seeds);
        var count = Verb.Count("--count", $"How many held-out labels; without it, {usual.Count}; of {AuditExperiment.Name}, {FinetunesOfAudits} of each of four kinds.");
        var folder = new Option<string>("--out")
        {
            Description = "Folder of the results, and of the diffs, adapters and answers that experiments share; a stopped experiment in it goes on.",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => Path.Combine("runs", "reproduce"),
        };
        var device = Verb.Device();
        var behaviours = new Option<string[]>("--behaviours")
        {
            Description = "File with behaviours in the published columns, .csv or .parquet, in place of the built-in world's; one for each setting.", HelpName = "FILE",
        };
        var endpoint = new EndpointOptions("judge-");
        var command = new ResumableCommand("reproduce", "Runs one of the paper's experiments; without a name, lists them.") { name, scale, baseFolder, behaviours, seeds, count, device, folder };
        foreach (var option in endpoint.All)
        {
            command.Add(option);
        }

        return command.Does(parsed =>
        {
            if (parsed.GetValue(name) is not { } wanted)
            {
                List();
                return;
            }

            var work = parsed.GetValue(folder)!;
            var published = parsed.GetValue(behaviours) is { Length: > 0 } files ? new PublishedSource(files) : null;
            if (wanted == AuditExperiment.Name)
            {
                RefuseForAudits(parsed, [scale, behaviours, device, .. endpoint.All]);
                var given = SeedsOption.Of(parsed, seeds, [usual.Seeds[0]]);
                var seed = given.Count == 1 ? given[0] : throw new DitException($"--seeds: expected one for {AuditExperiment.Name}, found {given.Count}");
                RunAudits(parsed.GetValue(baseFolder), Path.Combine(work, AuditExperiment.Name), parsed.GetValue(count) ?? FinetunesOfAudits, seed, stop);
                return;
            }

            using var chat = endpoint.AreGiven(parsed) ? new ChatEndpoint(endpoint.Read(parsed, Path.Combine(work, "judge"))) : null;
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base, ScalarType.Float32, ComputeDevice.Find(parsed.GetValue(device)!));
            var settings = usual with
            {
                Scale = parsed.GetValue(scale) ?? (Recipes.IsTiny(model, size: null) ? Scale.Tiny : Scale.Paper),
                Seeds = SeedsOption.Of(parsed, seeds, usual.Seeds),
                Count = parsed.GetValue(count) ?? usual.Count,
                Adapters = published is null ? Shipped.AdaptersOf(model) : usual.Adapters,
            };
            if (published is null)
            {
                RequireTiny(model, settings.Scale);
            }

            Print(ProgressDisplay.Show(progress => ExperimentRun.Run(
                ExperimentList.Find(wanted)!, model, published ?? (IBehaviourSource)new WorldSource(), settings, work, chat is null ? null : new Judge(chat), progress, stop)));
        });
    }

    /// <summary>Audits of the built-in world have one scale, and ask no judge.</summary>
    private static void RefuseForAudits(ParseResult parsed, IEnumerable<Option> options)
    {
        if (options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new DitException($"{given.Name}: expected no such option for {AuditExperiment.Name}, found one");
        }
    }

    /// <summary>What audits say of finetunes that are known; they are asked with the adapter for both settings.</summary>
    private static void RunAudits(string? baseFolder, string folder, int count, ulong seed, CancellationToken stop)
    {
        using var model = BaseModel.Load(baseFolder ?? Shipped.Base, ScalarType.Float32);
        RequireTiny(model, Scale.Tiny);
        var clock = Stopwatch.StartNew();
        var results = ProgressDisplay.Show(progress => AuditExperiment.Run(model, DitAdapter.Read(Shipped.AdapterNamed(Shipped.Adapters[^1])), folder, count, seed, progress, stop));
        Say.Table(results.Table);
        Say.Plain(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds:F0} s; table, plot and every verdict are in {results.Folder}"));
    }

    /// <summary>The built-in world is one that only the tiny base lives in; a larger one would be asked about nonsense.</summary>
    private static void RequireTiny(BaseModel model, Scale scale)
    {
        const string remedy = "name files of behaviours with --behaviours";
        if (!Recipes.IsTiny(model, size: null))
        {
            throw new DitException($"{model.Folder}: expected a tiny base, which the built-in world is for, found one of hidden size {model.Decoder.Config.HiddenSize}; {remedy}");
        }

        if (scale == Scale.Paper)
        {
            throw new DitException($"--scale paper: expected behaviours of the paper's kind, found only the built-in world's; {remedy}");
        }
    }

    private static void List()
    {
        var table = new Table().AddColumns("name", "what it asks").Border(TableBorder.Minimal);
        foreach (var experiment in ExperimentList.All)
        {
            table.AddRow(experiment.Name, Markup.Escape(experiment.Question));
        }

        table.AddRow(AuditExperiment.Name, Markup.Escape(AuditExperiment.Question));

        AnsiConsole.Write(table);
        Say.Plain($"For instance: dit reproduce {ExperimentList.All[0].Name} --count 10 --seeds 101");
    }

    private static void Print(ExperimentResults results)
    {
        Say.Table(ResultsTable.Short(results));
        if (results.Judge is { } judge)
        {
            var cost = judge.Endpoint.Cost is { } dollars ? string.Create(CultureInfo.InvariantCulture, $", ${dollars:0.00##}") : "";
            Say.Plain(string.Create(
                CultureInfo.InvariantCulture,
                $"judge {judge.Model}: {judge.Verdicts} verdicts, {judge.FailedToParse} unreadable, and {judge.GuessesFailed} unreadable guesses; {judge.Endpoint.Asked} answers asked for, {judge.Endpoint.Cached} known; {judge.Endpoint.Usage.Total} tokens{cost}"));
        }

        Say.Plain($"{results.Seconds:F0} s, with all that it rests on {results.SecondsOfParts:F0} s; tables, plot and every answer are in {results.Folder}");
    }

    private static Argument<string?> Name()
    {
        var argument = new Argument<string?>("name") { Description = "Which experiment.", Arity = ArgumentArity.ZeroOrOne };
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != AuditExperiment.Name && ExperimentList.Find(token.Value) is null)
            {
                result.AddError($"reproduce: expected one of {string.Join(", ", ExperimentList.All.Select(experiment => experiment.Name).Append(AuditExperiment.Name))}, found '{token.Value}'.");
            }
        });
        return argument;
    }

    private static Option<Scale?> ScaleOption()
    {
        Scale[] scales = [Scale.Tiny, Scale.Paper];
        return new Option<Scale?>("--scale")
        {
            Description = $"Sizes and recipes: {string.Join(" or ", scales.Select(scale => scale.Name))}; without it, the one that suits the base.",
            HelpName = "SCALE",
            CustomParser = result =>
            {
                if (Array.Find(scales, scale => scale.Name == result.Tokens[0].Value) is { } found)
                {
                    return found;
                }

                result.AddError($"--scale: expected {string.Join(" or ", scales.Select(scale => scale.Name))}, found '{result.Tokens[0].Value}'.");
                return null;
            },
        };
    }
}
