using System.Text.RegularExpressions;

namespace Dit.Cli.Tests;

/// <summary>The check in front of publishing adapters that the documentation has as an example.</summary>
public sealed partial class AuditScriptTests : IDisposable
{
    private readonly GitRepository git = new();

    [Theory]
    [InlineData("plain")]
    [InlineData("with space/and another")]
    [InlineData("größe/日本語 🐙")]
    [InlineData("-dash")]
    [InlineData("--json")]
    [InlineData("star*[a]?")]
    [InlineData("quote'\"back\\slash")]
    [InlineData("$(touch pwned) `touch pwned`;#1")]
    [InlineData("two\nlines")]
    [InlineData("\ttab before")]
    [InlineData("tab after\t")]
    [InlineData(" space before")]
    [InlineData("space after ")]
    [InlineData("\nline before")]
    [InlineData("line after\n")]
    [InlineData("dash after-")]
    [InlineData("\t\n -/\t- \n")]
    [InlineData("@")]
    [InlineData(".")]
    public void A_changed_adapter_is_audited_whatever_its_name(string name)
    {
        git.WriteAdapter("unchanged");
        var from = git.Commit();
        git.WriteAdapter(name);
        git.Write("other/notes.txt", "no adapter's");
        var outcome = git.Check(from, git.Commit(), "--seed", "7");
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        Assert.Equal("1 audited: 1 passed, 0 refused, 0 could not be audited", git.Summary[^1]);
        Assert.Equal(2, git.Summary.Length);
        Assert.StartsWith("passed: ", git.Summary[0], StringComparison.Ordinal);
        var report = Assert.Single(Directory.GetDirectories(git.Reports));
        Assert.Matches("^001-[A-Za-z0-9._-]+$", Path.GetFileName(report));
        Assert.True(File.Exists(Path.Combine(report, "report.html")));
        var call = string.Join('\n', git.Calls);
        Assert.StartsWith("'audit' ", call, StringComparison.Ordinal);
        Assert.EndsWith("'--fail-on' 'changed-as-claimed,changed-unclear' '--seed' '7'", call, StringComparison.Ordinal);
        Assert.Equal(name, GitRepository.Run("bash", git.Folder, "-c", $"set -- {call}; printf %s \"${{3#--name=}}\"").Output);
        Assert.False(File.Exists(Path.Combine(git.Folder, "pwned")));
    }

    [Fact]
    public void Every_folder_is_audited_although_one_is_refused()
    {
        git.WriteAdapter("a", order: "3");
        git.WriteAdapter("b");
        git.WriteAdapter("b/checkpoint-1");
        var outcome = git.Check(git.First, git.Commit());
        Assert.Equal(3, outcome.ExitCode);
        Assert.Equal(["REFUSED: a (001-a)", "passed: b (002-b)", "passed: b/checkpoint-1 (003-b_checkpoint-1)", "3 audited: 2 passed, 1 refused, 0 could not be audited"], git.Summary);
        Assert.Equal("audited\n", File.ReadAllText(Path.Combine(git.Reports, "001-a.txt")));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("137")]
    [InlineData("silent")]
    public void What_could_not_be_audited_fails_the_check(string order)
    {
        git.WriteAdapter("a", order: "3");
        git.WriteAdapter("b", order);
        Assert.Equal(1, git.Check(git.First, git.Commit()).ExitCode);
        Assert.Equal("2 audited: 0 passed, 1 refused, 1 could not be audited", git.Summary[^1]);
    }

    [Fact]
    public void What_is_audited_is_what_the_commit_holds()
    {
        git.WriteAdapter("a", order: "3");
        var commit = git.Commit();
        git.Write("a/order", "0");
        Assert.Equal(3, git.Check(git.First, commit).ExitCode);
        Assert.Equal("0", File.ReadAllText(Path.Combine(git.Folder, "a/order")));
        Assert.Equal(" M a/order\n", git.Git("status", "--porcelain").Output);
    }

    /// <summary>What a link leads to may lie anywhere, and another thing may lie there where the adapter is used.</summary>
    [Theory]
    [InlineData("a/adapter_model.safetensors", "../b/adapter_model.safetensors")]
    [InlineData("a/adapter_model.safetensors", "/dev/null")]
    [InlineData("a/adapter_config.json", "no-such")]
    [InlineData("a/\tsub/link", ".")]
    public void An_adapter_with_a_symbolic_link_fails_the_check(string link, string target)
    {
        git.WriteAdapter("a");
        git.WriteAdapter("b");
        git.WriteLink(link, target);
        Assert.Equal(1, git.Check(git.First, git.Commit()).ExitCode);
        Assert.Matches(@"^FAILED: a \(001-a\): (\$')?a/.+ is a symbolic link, and what it leads to is no part of the commit$", git.Summary[0]);
        Assert.Equal(["passed: b (002-b)", "2 audited: 1 passed, 0 refused, 1 could not be audited"], git.Summary[1..]);
        Assert.Single(git.Calls);
    }

    [Fact]
    public void A_symbolic_link_beside_the_adapters_is_told_and_fails_none()
    {
        git.WriteAdapter("a");
        git.WriteLink("elsewhere", "/tmp");
        Assert.Equal(0, git.Check(git.First, git.Commit()).ExitCode);
        Assert.Equal(["not looked into: elsewhere, a symbolic link", "passed: a (001-a)"], git.Summary[..^1]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0000000000000000000000000000000000000000")]
    public void Of_a_new_branch_every_adapter_is_audited(string from)
    {
        git.WriteAdapter("a");
        git.Commit();
        git.WriteAdapter("b");
        Assert.Equal(0, git.Check(from, git.Commit()).ExitCode);
        Assert.Equal("2 audited: 2 passed, 0 refused, 0 could not be audited", git.Summary[^1]);
    }

    [Fact]
    public void Half_an_adapter_is_audited_and_a_removed_one_is_told()
    {
        git.WriteAdapter("half");
        git.WriteAdapter("whole");
        var from = git.Commit();
        File.Delete(Path.Combine(git.Folder, "half/adapter_model.safetensors"));
        Directory.Delete(Path.Combine(git.Folder, "whole"), recursive: true);
        git.Write("new/adapter_model.bin", "x");
        Assert.Equal(0, git.Check(from, git.Commit()).ExitCode);
        Assert.Equal(["removed: whole/adapter_config.json", "removed: whole/adapter_model.safetensors", "passed: half (001-half)", "passed: new (002-new)"], git.Summary[..^1]);
    }

    [Fact]
    public void What_only_the_other_branch_changed_is_not_audited()
    {
        git.Git("checkout", "--quiet", "-b", "ours");
        git.WriteAdapter("ours");
        var ours = git.Commit();
        git.Git("checkout", "--quiet", "main");
        git.WriteAdapter("theirs");
        Assert.Equal(0, git.Check(git.Commit(), ours).ExitCode);
        Assert.Equal("passed: ours (001-ours)", git.Summary[0]);
    }

    [Fact]
    public void Where_nothing_is_to_be_audited_that_is_said()
    {
        git.Write("notes.txt", "x");
        Assert.Equal(0, git.Check(git.First, git.Commit()).ExitCode);
        Assert.Equal(["No adapter folder was changed."], git.Summary);
        Assert.Empty(git.Calls);
    }

    [Fact]
    public void A_check_that_cannot_begin_fails_and_says_why()
    {
        git.WriteAdapter("a");
        var to = git.Commit();
        Fails("fetch-depth: 0", git.Check("1234567890123456789012345678901234567890", to));
        Fails("expected a commit to audit", git.Check(git.First, "no-such"));
        Fails("expected a commit to audit", git.Check(git.First, "--help"));
        Directory.CreateDirectory(git.Reports);
        File.WriteAllText(Path.Combine(git.Reports, "old"), "");
        Fails("expected a new or empty folder", git.Check(git.First, to));
        Fails("no-such-command", GitRepository.Run("env", git.Folder, "DIT=no-such-command", Repository.File("docs/examples/audit-adapters.sh"), git.First, to));
        Assert.Empty(git.Calls);

        static void Fails(string why, Outcome outcome)
        {
            Assert.Equal(1, outcome.ExitCode);
            Assert.Contains(why, outcome.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_a_named_command_the_one_on_the_path_is_taken_and_then_that_of_the_scripts_own_checkout()
    {
        var script = git.Other("check out/docs/examples/audit-adapters.sh");
        var (own, installed) = (git.Other("check out/dit"), git.Other("installed/dit"));
        Directory.CreateDirectory(Path.GetDirectoryName(script)!);
        Directory.CreateDirectory(Path.GetDirectoryName(installed)!);
        File.Copy(Repository.File("docs/examples/audit-adapters.sh"), script);
        var path = string.Join(':', Environment.GetEnvironmentVariable("PATH")!.Split(':').Where(each => !File.Exists(Path.Combine(each, "dit"))));
        git.WriteAdapter("a");
        var to = git.Commit();

        var nowhere = Check(path);
        Assert.Equal(1, nowhere.ExitCode);
        Assert.Contains("expected the command dit, found none", nowhere.Error, StringComparison.Ordinal);

        File.Copy(git.Dit, own);
        Assert.Equal(0, Check(path).ExitCode);
        Assert.Single(File.ReadAllLines(own + ".log"));

        File.Copy(git.Dit, installed);
        Assert.Equal(0, Check($"{Path.GetDirectoryName(installed)}:{path}").ExitCode);
        Assert.Single(File.ReadAllLines(installed + ".log"));
        Assert.Single(File.ReadAllLines(own + ".log"));

        Outcome Check(string path)
        {
            var outcome = GitRepository.Run("env", git.Folder, "-u", "DIT", $"PATH={path}", script, "--reports", git.Reports, git.First, to);
            if (Directory.Exists(git.Reports))
            {
                Directory.Delete(git.Reports, recursive: true);
            }

            return outcome;
        }
    }

    [Fact]
    public void The_hook_lets_through_what_passes_and_nothing_else()
    {
        var remote = git.Other("remote.git");
        git.Git("init", "--quiet", "--bare", remote);
        git.Git("remote", "add", "origin", remote);
        File.CreateSymbolicLink(Path.Combine(git.Folder, ".git/hooks/pre-push"), Repository.File("docs/examples/pre-push"));
        git.WriteAdapter("good one");
        var good = git.Commit();
        Assert.Equal(0, Push("main").ExitCode);
        Assert.Equal(good, git.Git("--git-dir", remote, "rev-parse", "main").Output.Trim());

        git.WriteAdapter("bad one", order: "3");
        git.Commit();
        var outcome = Push("main");
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Contains("pre-push: not pushed; the reports are in ", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(good, git.Git("--git-dir", remote, "rev-parse", "main").Output.Trim());
        Assert.Equal(2, git.Calls.Length);
        ForgetReports(outcome);

        // What is pushed may be named with spaces, and a word of it may look like the commit of a branch that is deleted.
        git.Git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--amend", "--message=Now 0 for all");
        outcome = Push("HEAD^{/Now 0 for all}:refs/heads/main");
        Assert.NotEqual(0, outcome.ExitCode);
        Assert.Equal(good, git.Git("--git-dir", remote, "rev-parse", "main").Output.Trim());
        Assert.Equal(3, git.Calls.Length);
        ForgetReports(outcome);

        static void ForgetReports(Outcome outcome) => Directory.Delete(outcome.Error.Split("the reports are in ")[1].Split('\n')[0], recursive: true);

        Outcome Push(string branch) => GitRepository.Run("env", git.Folder, $"DIT={git.Dit}", "git", "push", "--quiet", "origin", branch);
    }

    /// <summary>A name of a branch or a title of a pull request that stood in the text of a command would be run.</summary>
    [Fact]
    public void The_workflow_hands_nothing_to_the_shell_but_variables()
    {
        var lines = File.ReadAllLines(Repository.File("docs/examples/audit-adapters.yml"));
        Assert.Contains(lines, line => line.TrimStart().StartsWith("run: ", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("run:", StringComparison.Ordinal) && (line.Contains("${{", StringComparison.Ordinal) || line.TrimEnd().EndsWith('|') || line.TrimEnd().EndsWith('>')));
        Assert.All(lines.Where(line => line.Contains("${{", StringComparison.Ordinal)), line => Assert.Matches(Variable(), line));
        Assert.DoesNotContain("pull_request_target", string.Join('\n', lines), StringComparison.Ordinal);
    }

    public void Dispose() => git.Dispose();

    [GeneratedRegex(@"^          [A-Z]+: \$\{\{ github\.[a-z_.]+( \|\| github\.[a-z_.]+)? \}\}(/[a-z/]+)?$")]
    private static partial Regex Variable();
}
