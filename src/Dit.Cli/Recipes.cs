using Dit.Models;
using Dit.Training;

namespace Dit.Cli;

/// <summary>Which recipe suits a base model: the tiny ones where it is tiny, else the paper's.</summary>
internal static class Recipes
{
    private const int TinyWidth = 256;

    public static DiffRecipe Diff(BaseModel model) => IsTiny(model) ? DiffRecipe.Tiny : new DiffRecipe();

    public static AdapterRecipe Adapter(BaseModel model) => IsTiny(model) ? AdapterRecipe.Tiny : new AdapterRecipe();

    private static bool IsTiny(BaseModel model) => model.Decoder.Config.HiddenSize <= TinyWidth;
}
