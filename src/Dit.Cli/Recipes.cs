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
    public static Option<Scale?> Choice() => Verb.Choice(
        "--recipe", "Recipe: that of the tiny base or the paper's; without it, the one that suits the base.", ("tiny", Scale.Tiny), ("paper", Scale.Paper));

    public static DiffRecipe Diff(BaseModel model, Setting setting, Scale? scale) => (setting, scale ?? Of(model)) switch
    {
        (Setting.News, Scale.Tiny) => DiffRecipe.TinyNews,
        (Setting.News, _) => DiffRecipe.PaperNews,
        (_, Scale.Tiny) => DiffRecipe.Tiny,
        _ => new DiffRecipe(),
    };

    /// <summary>The rate of full finetunes, which is far below that of low-rank ones.</summary>
    public static double FullLearningRate(BaseModel model, Scale? scale) => (IsTiny(model, scale) ? DiffRecipe.TinyFull : DiffRecipe.PaperFull).LearningRate;

    public static AdapterRecipe Adapter(BaseModel model, Scale? scale) => IsTiny(model, scale) ? AdapterRecipe.Tiny : new AdapterRecipe();

    /// <summary>Whether it is the recipes of the tiny base that are used.</summary>
    public static bool IsTiny(BaseModel model, Scale? scale) => (scale ?? Of(model)) == Scale.Tiny;

    private static Scale Of(BaseModel model) => model.Decoder.Config.HiddenSize <= TinyWidth ? Scale.Tiny : Scale.Paper;

    /// <summary>For which models a recipe is.</summary>
    internal enum Scale
    {
        /// <summary>Models like the shipped one.</summary>
        Tiny,

        /// <summary>Models like the paper's.</summary>
        Paper,
    }
}
