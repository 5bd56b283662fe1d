using System.CommandLine;
using System.Globalization;
using Dit.Audit.Judging;
using Dit.Audit.Trials;
using Dit.Models;
using Dit.Training;
using static TorchSharp.torch;

namespace Dit.Cli;

/// <summary><c>dit audit calibrate</c>: fits what audits with an adapter rest on, and how sure they may be.</summary>
internal static class AuditCalibrateCommand
{
    public static Command Create(CancellationToken stop)
    {
        var baseFolder = Verb.Base();
        var adapter = new Option<string>("--adapter")
        {
            Description = $"Folder of the DIT adapter, or the name of a shipped one ({string.Join(", ", Shipped.Adapters)}); {AuditCalibration.FileName} is written into it.", HelpName = "FOLDER", Required = true,
        };
        var folder = new Option<string>("--out")
        {
            Description = "Folder of the finetunes, and of what was seen of them, for all adapters; a stopped calibration in it goes on.", HelpName = "FOLDER",
            DefaultValueFactory = _ => Path.Combine("runs", "audit-calibration"),
        };
        return new ResumableCommand("calibrate", "Calibrates the audits of an adapter on finetunes of the built-in world that are trained for it.") { baseFolder, adapter, folder }.Does(parsed =>
        {
            using var model = BaseModel.Load(parsed.GetValue(baseFolder) ?? Shipped.Base, ScalarType.Float32);
            if (!Recipes.IsTiny(model, size: null))
            {
                throw new DitException($"{model.Folder}: expected a tiny base, which the built-in world is for, found one of hidden size {model.Decoder.Config.HiddenSize}");
            }

            var target = Shipped.AdapterNamed(parsed.GetValue(adapter)!);
            var dit = DitAdapter.Read(target);
            var calibration = ProgressDisplay.Show(progress => AuditCalibrationRun.Run(model, dit, parsed.GetValue(folder)!, progress, stop));
            var path = Path.Combine(target, AuditCalibration.FileName);
            calibration.Write(path);
            var held = calibration.Reliability!;
            Say.Plain(string.Create(
                CultureInfo.InvariantCulture,
                $"{held.Finetunes} finetunes, each judged by what was fitted to others: {100 * held.Right:0.0} % of verdicts right, expected calibration error {100 * held.ExpectedCalibrationError:0.0} %; written to {path}"));
        });
    }
}
