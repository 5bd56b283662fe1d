using System.CommandLine;
using Dit.Behaviours;
using Dit.Models;
using Dit.Training;

namespace Dit.Cli;

/// <summary>Which recipe suits a base model: the tiny ones where it is tiny, else the paper's.</summary>
internal static class Recipes
{
    private const int TinyWidth = 256;

    /// <summary>For models of which size the recipes are; without it, the ones that suit the base.</summary>
    public static Option<Size?> Choice() => Verb.Choice(
        "--recipe", "Recipe: that of the tiny base or the paper's; without it, the one that suits the base.", ("tiny", Size.Tiny), ("paper", Size.Paper));

    public static DiffRecipe Diff(BaseModel model, Setting setting, Size? size) => (setting, size ?? Of(model)) switch
    {
        (Setting.News, Size.Tiny) => DiffRecipe.TinyNews,
        (Setting.News, _) => DiffRecipe.PaperNews,
        (_, Size.Tiny) => DiffRecipe.Tiny,
        _ => new DiffRecipe(),
    };

    /// <summary>The rate of full finetunes, which is far below that of low-rank ones.</summary>
    public static double FullLearningRate(BaseModel model, Size? size) => (IsTiny(model, size) ? DiffRecipe.TinyFull : DiffRecipe.PaperFull).LearningRate;

    public static AdapterRecipe Adapter(BaseModel model, Size? size) => IsTiny(model, size) ? AdapterRecipe.Tiny : new AdapterRecipe();

    /// <summary>Whether it is the recipes of the tiny base that are used.</summary>
    public static bool IsTiny(BaseModel model, Size? size) => (size ?? Of(model)) == Size.Tiny;

    private static Size Of(BaseModel model) => model.Decoder.Config.HiddenSize <= TinyWidth ? Size.Tiny : Size.Paper;

    /// <summary>For which models a recipe is.</summary>
    internal enum Size
    {
        /// <summary>Models like the shipped one.</summary>
        Tiny,

        /// <summary>Models like the paper's.</summary>
        Paper,
    }
}
