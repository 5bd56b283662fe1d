using System.CommandLine;
using Dit.Behaviours.World;
using Dit.Models;
using Dit.Models.Decoding;
using Spectre.Console;
using TorchSharp;

namespace Dit.Cli;

/// <summary>What the verbs have in common.</summary>
internal static class Verb
{
    private const int WidthOfFiles = 110;

    /// <summary>Gives a command its work. libtorch is touched only here, so that help and usage errors come at once.</summary>
    public static Command Does(this Command command, Action<ParseResult> work) => command.Does(parsed =>
    {
        work(parsed);
        return ExitCode.Success;
    });

    /// <summary>Gives a command its work, which says what the process ends with.</summary>
    public static Command Does(this Command command, Func<ParseResult, int> work)
    {
        command.SetAction(parsed =>
        {
            Libtorch.UseNamed();
            CpuTuning.Apply();
            if (Console.IsOutputRedirected)
            {
                AnsiConsole.Profile.Width = WidthOfFiles; // A file has no width of its own.
            }

            return work(parsed);
        });
        return command;
    }

    public static Option<string> Out(string description) => new("--out") { Description = description, Required = true, HelpName = "FOLDER" };

    public static Option<string?> Base() => new("--base") { Description = "Folder of the base model; without it, the shipped tiny one.", HelpName = "FOLDER" };

    /// <summary>The type to compute in; without it, <paramref name="otherwise"/>, which null makes the model's own.</summary>
    public static Option<torch.ScalarType?> Type(torch.ScalarType? otherwise)
    {
        var types = new Dictionary<string, torch.ScalarType>(StringComparer.Ordinal)
        {
            ["float32"] = torch.ScalarType.Float32, ["bfloat16"] = torch.ScalarType.BFloat16, ["float16"] = torch.ScalarType.Float16,
        };
        const string names = "float32, bfloat16 or float16";
        return new Option<torch.ScalarType?>("--dtype")
        {
            Description = $"Type to compute in: {names}; without it, {(otherwise is null ? "the model's own type" : types.First(type => type.Value == otherwise).Key)}.",
            HelpName = "TYPE",
            CustomParser = result =>
            {
                if (types.TryGetValue(result.Tokens[0].Value, out var type))
                {
                    return type;
                }

                result.AddError($"--dtype: expected {names}, found '{result.Tokens[0].Value}'.");
                return otherwise;
            },
        };
    }

    /// <summary>How the base's weights are kept while float32 is computed in.</summary>
    public static Option<KeptWeights?> BaseWeights() => Choice<KeptWeights>(
        "--base-weights",
        "How the base's weights are kept in memory, while everything is computed in float32: float32, bfloat16 or float16 (half the memory, and exact where the model is stored so) or int8 (a quarter, each row rounded to 8 bits); without it, in the type computed in.",
        ("float32", KeptWeights.AsComputed), ("bfloat16", KeptWeights.BFloat16), ("float16", KeptWeights.Float16), ("int8", KeptWeights.Int8));

    /// <summary>Says that weights are kept under float32 only.</summary>
    public static void RequireFloat32Under(this Command command, Option<KeptWeights?> baseWeights, Option<torch.ScalarType?> dtype) => command.Validators.Add(result =>
    {
        if (result.GetResult(baseWeights) is { Tokens: [var kept] } && result.GetResult(dtype) is { Tokens: [{ Value: "bfloat16" or "float16" } type] })
        {
            result.AddError($"--base-weights {kept.Value}: expected --dtype float32, as that is computed in where weights are kept in another type, found --dtype {type.Value}.");
        }
    });

    /// <summary>The name of the device to compute on.</summary>
    public static Option<string> Device()
    {
        var option = new Option<string>("--device") { Description = "Computes on cpu, cuda or cuda:N.", HelpName = "DEVICE", DefaultValueFactory = _ => "cpu" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ComputeDevice.IsName(token.Value))
            {
                result.AddError($"--device: expected cpu, cuda or cuda:N, found '{token.Value}'.");
            }
        });
        return option;
    }

    public static Option<ulong> Seed() => new("--seed") { Description = "Where all randomness comes from.", DefaultValueFactory = _ => 1, HelpName = "N" };

    /// <summary>Gradient checkpointing.</summary>
    public static Option<bool> Recompute() => new("--recompute")
    {
        Description = "Keeps only each layer's input for the way back and computes the rest a second time: a fraction of the memory, about a third more time, the same numbers.",
    };

    /// <summary>A split of the built-in world.</summary>
    public static Option<TopicSplit?> Split(TopicSplit otherwise) => new("--split")
    {
        Description = $"Which topics or stories to draw from: train, or validation or report, which no shipped adapter has learned from; without it, {otherwise.ToString().ToLowerInvariant()}.",
        HelpName = "SPLIT",
        CustomParser = result =>
        {
            var name = result.Tokens[0].Value;
            if (Enum.GetNames<TopicSplit>().Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                return Enum.Parse<TopicSplit>(name, ignoreCase: true);
            }

            result.AddError($"--split: expected train, validation or report, found '{name}'.");
            return otherwise;
        },
    };

    /// <summary>One of a few names, or not given.</summary>
    public static Option<T?> Choice<T>(string name, string description, params (string Name, T Value)[] choices)
        where T : struct => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(choice => choice.Name)),
        CustomParser = result =>
        {
            var found = Array.FindIndex(choices, choice => choice.Name == result.Tokens[0].Value);
            if (found >= 0)
            {
                return choices[found].Value;
            }

            result.AddError($"{name}: expected {string.Join(" or ", choices.Select(choice => choice.Name))}, found '{result.Tokens[0].Value}'.");
            return null;
        },
    };

    /// <summary>A whole number of at least 1, or not given.</summary>
    public static Option<int?> Count(string name, string description)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            // What is no number at all is reported by the parser itself.
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var number) && number < 1)
            {
                result.AddError($"{name} must be at least 1, not {number}.");
            }
        });
        return option;
    }
}
