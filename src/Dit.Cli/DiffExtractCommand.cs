using System.CommandLine;
using System.Globalization;
using Dit.Diffs;

namespace Dit.Cli;

/// <summary><c>dit diff extract</c>: a fully finetuned checkpoint as a PEFT adapter.</summary>
internal static class DiffExtractCommand
{
    public static Command Create()
    {
        var finetuned = new Argument<string>("FINETUNED") { Description = "Folder of a finetuned checkpoint." };
        var (basis, folder, seed) = (Verb.Base(), Verb.Out("Folder of the PEFT adapter."), Verb.Seed());
        var rank = new Option<string>("--rank") { Description = "Rank of the factors at every layer, or full for the difference itself.", Required = true, HelpName = "R|full" };
        rank.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value != "full" && Number(token.Value) is null)
            {
                result.AddError($"--rank must be a whole number of at least 1, or full, not '{token.Value}'.");
            }
        });
        return new Command("extract", "Writes what a full finetune changed in the linear layers as a PEFT adapter folder.") { finetuned, basis, rank, folder, seed }.Does(parsed =>
        {
            using var diff = DenseDiff.Between(parsed.GetValue(finetuned)!, parsed.GetValue(basis) ?? Shipped.Base);
            var target = parsed.GetValue(folder)!;
            var report = DiffExtraction.Write(target, diff, Number(parsed.GetValue(rank)!), parsed.GetValue(seed), SayOnTerminal);
            Print(report);
            Say.Plain($"Everything in numbers: {CommandLineText.Quote([Path.Combine(target, ExtractionReport.FileName)])}");
        });
    }

    private static int? Number(string rank) => int.TryParse(rank, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    /// <summary>Large layers take seconds each; somebody may be watching.</summary>
    private static void SayOnTerminal(ExtractedSite site)
    {
        if (!Console.IsErrorRedirected)
        {
            Say.Error($"{site.Site}: rank {site.Rank}, norm {site.Norm:0.####}, kept energy {Percent(site.KeptEnergy)}");
        }
    }

    private static void Print(ExtractionReport report)
    {
        foreach (var layer in report.Sites.GroupBy(site => string.Join('.', site.Site.Split('.').Take(3))))
        {
            var (norm, kept) = ExtractionReport.Of([.. layer]);
            Say.Plain($"{layer.Key}: norm {norm:0.####}, kept energy {Percent(kept)}");
        }

        Say.Plain($"In total, {report.Sites.Count} layers: norm {report.Norm:0.####}, kept energy {Percent(report.KeptEnergy)}");
        foreach (var note in report.Notes)
        {
            Say.Error($"Note: {note}");
        }

        if (report.LeftOut.Count > 0)
        {
            Say.Error($"Warning: {report.LeftOut.Count} weights outside the linear layers changed too, with {Percent(report.LeftOutEnergy)} of the energy of all changes; "
                + "a LoRA cannot hold them, so the adapter is not the whole finetune. Left out:");
            foreach (var weight in report.LeftOut)
            {
                Say.Error($"  {weight.Weight}: norm {weight.Norm:0.####}" + (weight.RelativeNorm is { } share ? $", {Percent(share)} of the base's" : ", where the base has zeros"));
            }
        }
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.##} %");
}
