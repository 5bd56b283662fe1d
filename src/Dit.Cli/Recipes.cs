using System.CommandLine;
using Dit.Behaviours;
using Dit.Models;
using Dit.Training;

namespace Dit.Cli;

/// <summary>Which recipe suits a base model: the tiny ones where it is tiny, else the paper's.</summary>
internal static class Recipes
{
    private const int TinyWidth = 256;

    /// <summary>Whether the recipes of the tiny base are wanted; without it, they are where the base is tiny.</summary>
    public static Option<bool?> Tiny() => Verb.Choice<bool>(
        "--recipe", "Recipe: that of the tiny base or the paper's; without it, the one that suits the base.", ("tiny", true), ("paper", false));

    public static DiffRecipe Diff(BaseModel model, Setting setting, bool? tiny) => (setting, tiny ?? IsTiny(model)) switch
    {
        (Setting.News, true) => DiffRecipe.TinyNews,
        (Setting.News, false) => DiffRecipe.PaperNews,
        (_, true) => DiffRecipe.Tiny,
        _ => new DiffRecipe(),
    };

    public static AdapterRecipe Adapter(BaseModel model, bool? tiny) => tiny ?? IsTiny(model) ? AdapterRecipe.Tiny : new AdapterRecipe();

    private static bool IsTiny(BaseModel model) => model.Decoder.Config.HiddenSize <= TinyWidth;
}
