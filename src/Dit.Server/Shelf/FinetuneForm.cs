using Dit.Interpretation;

namespace Dit.Server.Shelving;

/// <summary>What a finetune is, and how much memory it takes.</summary>
internal static class FinetuneForm
{
    /// <summary>Such as "PEFT adapter"; judged by names of files until it is loaded.</summary>
    public static string Of(string source, Finetune? loaded) => loaded switch
    {
        CheckpointFinetune => "finetuned checkpoint",
        _ when File.Exists(Path.Combine(source, "adapter_config.json")) => "PEFT adapter",
        _ when source.LastIndexOf('#') is var mark && (File.Exists(source) || (mark > 0 && File.Exists(source[..mark]))) => "torch file",
        _ when File.Exists(Path.Combine(source, "config.json")) => "finetuned checkpoint",
        _ => "diff of a set",
    };

    /// <summary>Whether it is one of low-rank factors as far as names of files tell.</summary>
    public static bool IsLowRank(string source) => Of(source, loaded: null) != "finetuned checkpoint";

    /// <summary>Memory that its tensors take.</summary>
    public static long Bytes(Finetune finetune) => finetune switch
    {
        LowRankFinetune lowRank => lowRank.Adapter.Sites.Values.Sum(pair => (pair.A.numel() * pair.A.ElementSize) + (pair.B.numel() * pair.B.ElementSize)),
        CheckpointFinetune checkpoint => checkpoint.Decoder.Weights.Values.Sum(weight => weight.numel() * weight.ElementSize),
        _ => 0,
    };

    /// <summary>What a folder or file takes on disk; 0 where that cannot be said.</summary>
    public static long FileBytes(string source)
    {
        try
        {
            return File.Exists(source) ? new FileInfo(source).Length
                : Directory.Exists(source) ? new DirectoryInfo(source).EnumerateFiles().Sum(file => file.Length)
                : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
