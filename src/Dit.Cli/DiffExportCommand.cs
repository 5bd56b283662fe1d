using System.CommandLine;
using Dit.Diffs;
using Dit.Files;

namespace Dit.Cli;

/// <summary><c>dit diff export</c>: one diff of a set as a PEFT adapter.</summary>
internal static class DiffExportCommand
{
    public static Command Create()
    {
        var diff = new Argument<string>("SET#ID") { Description = "The folder of a diff set and the id of one of its diffs." };
        diff.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && token.Value.LastIndexOf('#') is var mark && (mark < 1 || mark == token.Value.Length - 1))
            {
                result.AddError($"Expected SET#ID, found '{token.Value}'.");
            }
        });
        var folder = Verb.Out("Folder of the PEFT adapter.");
        return new Command("export", "Writes one diff of a set as a PEFT adapter folder.") { diff, folder }.Does(parsed =>
        {
            var source = parsed.GetValue(diff)!;
            var mark = source.LastIndexOf('#');
            var target = parsed.GetValue(folder)!;
            // Beside a model's files, or half over another export, an adapter would say something that is not so.
            AtomicFolder.RequireEmpty(target);
            DiffExport.Write(target, DiffSet.Open(source[..mark]), source[(mark + 1)..]);
            Say.Plain($"Try: ./dit ask --diff {CommandLineText.Quote([target])}");
        });
    }
}
