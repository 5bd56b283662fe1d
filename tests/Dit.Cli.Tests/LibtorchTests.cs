using System.Diagnostics;

namespace Dit.Cli.Tests;

/// <summary>A user's own libtorch in place of the built-in one.</summary>
public sealed class LibtorchTests(TinyModel model) : IClassFixture<TinyModel>, IDisposable
{
    // Beside the program's own, as links do not reach other disks.
    private readonly string torch = Path.Combine(AppContext.BaseDirectory, $"torch-{Guid.NewGuid():N}");

    private static string BuiltIn => Path.Combine(AppContext.BaseDirectory, "libtorch");

    [Theory]
    [InlineData("torch", "version.py", "__version__ = '2.10.0+cu128'\ndebug = False\n")]
    [InlineData("torch/lib", "version.py", "from typing import Optional\n__version__: str = \"2.10.1\"\n")]
    [InlineData("torch", "build-version", "2.10.0+cpu\n")]
    [InlineData("torch/lib", null, "")]
    public void It_is_the_one_that_is_loaded(string named, string? versionFile, string version)
    {
        Install("-l", versionFile, version);
        var mapped = new HashSet<string>(StringComparer.Ordinal);

        using var dit = DitProcess.StartWith("DIT_LIBTORCH", named.Replace("torch", torch, StringComparison.Ordinal), "ask", model.Folder, "What?");
        var outcome = dit.WaitWatching("libtorch_cpu.so", mapped);

        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal([Path.Combine(torch, "lib", "libtorch_cpu.so")], mapped);
    }

    /// <summary>Links to the built-in libraries are the same files to the system's loader; with copies a second libtorch would show.</summary>
    [Fact(Explicit = true)]
    [Trait("Category", "slow")]
    public void The_built_in_one_is_not_loaded_beside_it()
    {
        Install("-r", "version.py", "__version__ = '2.10.0'");
        var mapped = new HashSet<string>(StringComparer.Ordinal);

        using var dit = DitProcess.StartWith("DIT_LIBTORCH", torch, "ask", model.Folder, "What?");

        Assert.Equal(0, dit.WaitWatching("libtorch_cpu.so", mapped).ExitCode);
        Assert.Equal([Path.Combine(torch, "lib", "libtorch_cpu.so")], mapped);
    }

    [Fact]
    public void The_built_in_one_is_loaded_otherwise()
    {
        var mapped = new HashSet<string>(StringComparer.Ordinal);

        using var dit = DitProcess.StartWith("DIT_LIBTORCH", "", "ask", model.Folder, "What?");

        Assert.Equal(0, dit.WaitWatching("libtorch_cpu.so", mapped).ExitCode);
        Assert.Equal([Path.Combine(BuiltIn, "libtorch_cpu.so")], mapped);
    }

    [Fact]
    public void Another_version_is_refused_with_what_to_do()
    {
        Install("-l", "version.py", "__version__ = '2.14.1+cpu'\n");
        Refused("ask", "expected libtorch 2.10, found version 2.14.1+cpu", "pip install");
    }

    [Fact]
    public void A_folder_without_it_and_a_missing_one_are_refused()
    {
        Refused("ask", "found no such folder");
        Directory.CreateDirectory(torch);
        Refused("ask", "found no libtorch_cpu.so");
    }

    [Fact]
    public void A_file_that_is_no_library_is_refused()
    {
        Directory.CreateDirectory(torch);
        File.WriteAllText(Path.Combine(torch, "libtorch_cpu.so"), "not a library");
        Refused("ask", "libc10.so");
    }

    [Theory]
    [InlineData("cuda")]
    [InlineData("cuda:1")]
    public void A_gpu_that_is_not_there_is_refused_with_what_to_do(string device)
    {
        var outcome = DitProcess.Run("ask", model.Folder, "What?", "--device", device);

        Assert.SkipWhen(outcome.ExitCode == 0, "there is a GPU");
        Assert.StartsWith($"device {device}: expected ", outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Types_and_devices_that_do_not_exist_are_usage_errors()
    {
        Assert.Equal(2, DitProcess.Run("ask", "--dtype", "int8", "What?").ExitCode);
        Assert.Equal(2, DitProcess.Run("ask", "--device", "cuda:x", "What?").ExitCode);
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    public void It_answers_in_16_bits_and_does_not_train_in_them(string type)
    {
        Assert.Equal(0, DitProcess.Run("ask", model.Folder, "What?", "--dtype", type).ExitCode);

        var outcome = DitProcess.Run("diff", "train", "--out", torch, "--base", model.Folder, "--count", "1", "--steps", "1", "--dtype", type);
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("expected a base that computes in float32", outcome.Error, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        if (Directory.Exists(torch))
        {
            Directory.Delete(torch, recursive: true);
        }
    }

    private void Install(string how, string? versionFile, string version)
    {
        Directory.CreateDirectory(torch);
        using (var copy = Process.Start("cp", [how, .. how == "-l" ? new[] { "-r" } : [], BuiltIn, Path.Combine(torch, "lib")]))
        {
            copy.WaitForExit();
            Assert.Equal(0, copy.ExitCode);
        }

        if (versionFile is not null)
        {
            File.WriteAllText(Path.Combine(torch, versionFile), version);
        }
    }

    private void Refused(string verb, params string[] said)
    {
        using var dit = DitProcess.StartWith("DIT_LIBTORCH", torch, verb, model.Folder, "What?");
        var outcome = dit.Wait();
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
        Assert.All(said, part => Assert.Contains(part, outcome.Error, StringComparison.Ordinal));
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }
}
