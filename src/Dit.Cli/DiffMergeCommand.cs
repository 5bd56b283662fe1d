using System.CommandLine;
using System.Globalization;
using Dit.Interpretation;

namespace Dit.Cli;

/// <summary><c>dit diff merge</c>: a finetune as a whole checkpoint.</summary>
internal static class DiffMergeCommand
{
    private const double WorthAWarning = 0.1;

    public static Command Create()
    {
        var finetune = new Argument<string>("X") { Description = "A finetune, as dit ask --diff takes it: a PEFT adapter folder, one diff of a set (SET#ID) or of a .pt file (FILE.pt#N), or a finetuned checkpoint." };
        var (basis, folder) = (Verb.Base(), Verb.Out("Folder of the checkpoint."));
        var dtype = Verb.Type(otherwise: null);
        dtype.Description = "The type to store the weights in; without it, the base's.";
        return new Command("merge", "Writes the base with a finetune added to its weights as a full checkpoint.") { finetune, basis, folder, dtype }.Does(parsed =>
        {
            var target = parsed.GetValue(folder)!;
            var (report, notes) = FinetuneMerge.Write(target, parsed.GetValue(finetune)!, parsed.GetValue(basis) ?? Shipped.Base, parsed.GetValue(dtype));
            foreach (var note in notes)
            {
                Say.Error($"Note: {note}");
            }

            var error = string.Create(CultureInfo.InvariantCulture, $"{100 * report.RelativeError:0.##} %");
            if (report.RelativeError > WorthAWarning)
            {
                Say.Error($"Warning: the diff is so small beside the weights that rounding changed it by {error} of its norm; --dtype float32 would keep more of it.");
            }

            Say.Plain(string.Create(CultureInfo.InvariantCulture, $"{report.Weights} weights merged, {report.ChangedNumbers} of {report.Numbers} numbers changed, rounding error {error} of the diff's norm."));
        });
    }
}
