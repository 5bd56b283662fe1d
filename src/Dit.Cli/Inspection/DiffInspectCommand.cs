using System.CommandLine;
using Dit.Diffs.Inspection;
using Dit.Evaluation.Plots;
using Dit.Files;
using Dit.Interpretation;
using Dit.Models.Checkpoints;

namespace Dit.Cli;

/// <summary><c>dit diff inspect</c>: what a weight diff is made of.</summary>
internal static class DiffInspectCommand
{
    public static Command Create()
    {
        var source = new Argument<string>("X") { Description = "A PEFT adapter folder, a diff set or one of its diffs (SET#ID), a finetuned checkpoint, or an official .pt file or index (FILE.pt#N)." };
        var baseFolder = new Option<string?>("--base") { Description = "Folder of the base model; without it, the shipped one where X was made for that.", HelpName = "FOLDER" };
        var folder = new Option<string?>("--out") { Description = "Writes heatmap.svg, heatmap.png and inspection.json into this new or empty folder.", HelpName = "FOLDER" };
        var svg = new Option<string?>("--svg") { Description = "Writes the heat map as SVG.", HelpName = "FILE" };
        var png = new Option<string?>("--png") { Description = "Writes the heat map as PNG.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Prints JSON." };
        return new Command("inspect", "Shows what a weight diff changes, how much, where, and what is odd about it.") { source, baseFolder, folder, svg, png, json }.Does(parsed =>
        {
            var target = parsed.GetValue(folder);
            if (target is not null)
            {
                AtomicFolder.RequireEmpty(target);
            }

            var named = parsed.GetValue(source)!;
            using var model = OpenBase(named, parsed.GetValue(baseFolder));
            var set = FinetuneInspection.ReadSet(named, model);
            var inspection = set?.Mean ?? FinetuneInspection.Read(named, model);
            object report = set is null ? InspectionJson.Of(inspection) : InspectionJson.Of(set);
            WritePictures(inspection, Within(target, "heatmap.svg"), Within(target, "heatmap.png"));
            WritePictures(inspection, parsed.GetValue(svg), parsed.GetValue(png));
            if (target is not null)
            {
                AtomicFile.WriteText(Path.Combine(target, "inspection.json"), Json.Text(report) + "\n");
            }

            if (parsed.GetValue(json))
            {
                Json.Print(report);
            }
            else
            {
                InspectionReport.Print(inspection, set);
            }

            return inspection.IsUsable ? ExitCode.Success : ExitCode.Failure;
        });
    }

    /// <summary>The base that was named, or the shipped one where the source says by its fingerprint that it belongs to that.</summary>
    private static InspectionBase? OpenBase(string source, string? folder)
    {
        if (folder is not null)
        {
            return InspectionBase.Open(folder);
        }

        return FinetuneInspection.BaseFingerprintOf(source) is { } fingerprint && Shipped.BaseIfThere is { } shipped && BaseFingerprint.Of(shipped) == fingerprint
            ? InspectionBase.Open(shipped)
            : null;
    }

    private static void WritePictures(DiffInspection inspection, string? svg, string? png)
    {
        if (svg is null && png is null)
        {
            return;
        }

        var picture = InspectionHeatMap.Of(inspection)?.Draw()
            ?? throw new DitException($"{inspection.Source}: expected linear layers of numbered decoder layers for a heat map, found none");
        if (svg is not null)
        {
            SvgFile.Write(svg, picture);
        }

        if (png is not null)
        {
            PngFile.Write(png, picture);
        }
    }

    private static string? Within(string? folder, string name) => folder is null ? null : Path.Combine(folder, name);
}
