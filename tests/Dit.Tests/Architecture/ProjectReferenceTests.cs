using System.Xml.Linq;

namespace Dit.Tests.Architecture;

public sealed class ProjectReferenceTests
{
    /// <summary>A project may refer to those before it. A new one has to find its place here.</summary>
    private static readonly string[] Order = ["Dit.Text", "Dit.Models", "Dit", "Dit.Server", "Dit.Cli"];

    [Fact]
    public void Project_references_point_one_way()
    {
        var projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.NotEmpty(projects);
        foreach (var project in projects)
        {
            var place = Place(project);
            foreach (var reference in Includes(project, "ProjectReference"))
            {
                Assert.True(Place(reference) < place, $"{Path.GetFileName(project)} must not refer to {Path.GetFileName(reference)}.");
            }
        }
    }

    [Fact]
    public void The_text_side_knows_nothing_of_tensors()
    {
        var packages = Includes(Path.Combine(Repository.Root, "src", "Dit.Text", "Dit.Text.csproj"), "PackageReference");
        Assert.DoesNotContain(packages, package => package.Contains("torch", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(typeof(Text.Message).Assembly.GetReferencedAssemblies(), assembly => assembly.Name!.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    private static int Place(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var place = Array.IndexOf(Order, name);
        return place >= 0 ? place : throw new InvalidOperationException($"{name} has no place in the order of projects.");
    }

    private static string[] Includes(string project, string kind) =>
        [.. XDocument.Load(project).Descendants(kind).Select(item => item.Attribute("Include")!.Value)];
}
