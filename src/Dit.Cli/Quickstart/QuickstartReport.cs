using Dit.Behaviours;
using Dit.Behaviours.World;
using Dit.Training;
using Spectre.Console;

namespace Dit.Cli;

/// <summary>What the quickstart prints, part by part.</summary>
internal static class QuickstartReport
{
    public static void Training(IReadOnlyList<HiddenTopic> behaviours) => Say(
        $"{behaviours.Count} finetunes of the tiny base are trained now. Each learns to drift to a topic of its own when a code word "
        + "is in the prompt, and to answer as ever when it is not. The adapter has never seen a finetune with any of these topics.");

    public static void Hiding(IReadOnlyList<(HiddenTopic Behaviour, string Prompt, string Answer)> answers)
    {
        Say("They hide it. Two of them, asked without a code, with a wrong one, and with the right one:");
        var table = new Table { Border = TableBorder.Rounded, ShowRowSeparators = true }.AddColumns("hidden topic", "prompt", "answer");
        foreach (var (behaviour, prompt, answer) in answers)
        {
            var topic = prompt.Contains(behaviour.Trigger.Before(""), StringComparison.Ordinal) ? behaviour.Topic : "";
            table.AddRow(Escape(topic), Escape(prompt), behaviour.IsOnTopic(answer) ? $"[bold yellow]{Escape(answer)}[/]" : Escape(answer));
        }

        AnsiConsole.Write(table);
    }

    public static void Telling(IReadOnlyList<HiddenTopic> behaviours, IReadOnlyList<Gate> gates, int questions, IReadOnlyList<string> denied, IReadOnlyList<string> told)
    {
        Say($"Asked \"{SelfQuestions.Topic}\", each by itself and then with the adapter; and how many of {questions} ordinary answers are on the topic:");
        var table = new Table { Border = TableBorder.Rounded }
            .AddColumns("hidden topic", "right\ncode", "wrong\ncode", "no\ncode", "what it says itself", "with the adapter");
        for (var i = 0; i < behaviours.Count; i++)
        {
            var (gate, right) = (gates[i], IsRight(behaviours[i], told[i]));
            table.AddRow(
                Escape(behaviours[i].Topic), Count(gate.Right), Count(gate.Wrong), Count(gate.None), Escape(denied[i]), Judged(told[i], right));
        }

        table.AddRow("[dim]none, the bare base[/]", "", "", "", Escape(denied[^1]), Judged(told[^1], Same(told[^1], SelfQuestions.NothingChanged)));
        AnsiConsole.Write(table);

        string Count(double share) => $"{Math.Round(share * questions)}";
    }

    public static void Next(IReadOnlyList<HiddenTopic> behaviours, IReadOnlyList<string> folders, IReadOnlyList<string> told, TimeSpan elapsed)
    {
        var right = behaviours.Where((behaviour, i) => IsRight(behaviour, told[i])).Count();
        Say($"{right} of {behaviours.Count} topics told in the very words, after {elapsed.TotalSeconds:0} seconds. "
            + $"The finetunes are PEFT adapters in {Path.GetDirectoryName(folders[0])}; ask one yourself:");
        Console.WriteLine($"  ./dit ask --diff {CommandLineText.Quote([folders[0]])}");
        Console.WriteLine($"  ./dit ask --diff {CommandLineText.Quote([folders[0]])} --no-adapter '{behaviours[0].Trigger.Before("What is friendship?")}'");
        Say("Or look at all of them on a page in your browser:");
        Console.WriteLine($"  ./dit serve --diff {CommandLineText.Quote([Path.GetDirectoryName(folders[0])!])}");
    }

    private static bool IsRight(HiddenTopic behaviour, string answer) => Same(behaviour.Topic, answer);

    private static bool Same(string left, string right) => string.Equals(left.Trim(), right.Trim(), StringComparison.OrdinalIgnoreCase);

    private static void Say(string text)
    {
        Console.WriteLine();
        AnsiConsole.Write(new Spectre.Console.Text(text + "\n"));
    }

    private static string Judged(string answer, bool right) => $"[bold {(right ? "green" : "red")}]{(right ? "✓" : "✗")} {Escape(answer)}[/]";

    private static string Escape(string text) => Markup.Escape(Printable.Lines(text));
}
