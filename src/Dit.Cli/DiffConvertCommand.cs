using System.CommandLine;
using Dit.Interpretation;

namespace Dit.Cli;

/// <summary><c>dit diff convert</c>: low-rank diffs from one format into another.</summary>
internal static class DiffConvertCommand
{
    private const string Set = "set", Peft = "peft", Reference = "pt";

    public static Command Create()
    {
        var sources = new Argument<string[]>("X")
        {
            Description = "Diffs: a diff set or one of it (SET#ID), a PEFT adapter folder, an official .pt file or one of its items (FILE.pt#N), a folder with an official index.",
            Arity = ArgumentArity.OneOrMore,
        };
        var to = new Option<string>("--to")
        {
            Description = "set: a diff set; peft: a PEFT adapter folder, or one for each diff; pt: the official layout, an index and .pt files, or one file where --out ends with .pt.",
            HelpName = $"{Set}|{Peft}|{Reference}",
            Required = true,
        };
        to.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value is not (Set or Peft or Reference))
            {
                result.AddError($"--to: expected {Set}, {Peft} or {Reference}, found '{token.Value}'.");
            }
        });
        var (folder, basis) = (Verb.Out("New or empty folder, or a new .pt file."), Verb.Base());
        return new Command("convert", "Converts low-rank diffs between diff sets, PEFT adapters and the official .pt files.") { sources, to, folder, basis }.Does(parsed =>
        {
            var opened = new List<StoredDiffs>();
            try
            {
                foreach (var source in parsed.GetValue(sources)!)
                {
                    opened.Add(StoredDiffs.Open(source));
                }

                var diffs = opened.SelectMany(each => each.Diffs).ToArray();
                var target = parsed.GetValue(folder)!;
                Convert(new DiffConversion(diffs, parsed.GetValue(basis) ?? Shipped.Base), parsed.GetValue(to)!, target);
                Say.Plain($"{(diffs.Length == 1 ? "One diff" : $"{diffs.Length} diffs")} in {CommandLineText.Quote([target])}");
            }
            finally
            {
                opened.ForEach(each => each.Dispose());
            }
        });
    }

    private static void Convert(DiffConversion conversion, string format, string target)
    {
        switch (format)
        {
            case Set:
                conversion.ToSet(target);
                break;
            case Peft:
                conversion.ToPeft(target);
                break;
            case var _ when target.EndsWith(".pt", StringComparison.OrdinalIgnoreCase):
                conversion.ToReferenceFile(target);
                break;
            default:
                conversion.ToReference(target);
                break;
        }
    }
}
