using System.Text.Json;
using Dit.Interpretation;

namespace Dit.Diffs.Inspection;

/// <summary>Norms against those that the golden files state of the first diff in a torch file.</summary>
public sealed class ReferenceNormTests
{
    [Fact]
    public void Norms_of_torch_files_are_the_stated_ones()
    {
        var cases = GoldenFolder.Cases("reference-pt").Where(folder => File.Exists(Path.Combine(folder, "expected.json")))
            .Select(folder => (Folder: folder, Expected: JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json"))).RootElement))
            .Where(golden => golden.Expected.ValueKind == JsonValueKind.Object && golden.Expected.TryGetProperty("first_item_products", out _)).ToArray();
        Assert.NotEmpty(cases);
        foreach (var (folder, expected) in cases)
        {
            var file = Directory.GetFiles(folder, "weight_diff*.pt").Order(StringComparer.Ordinal).First();
            var inspection = FinetuneInspection.Read($"{file}#0", model: null);
            var norms = inspection.Sites.ToDictionary(site => site.Site, site => site.Norm, StringComparer.Ordinal);
            foreach (var product in expected.GetProperty("first_item_products").EnumerateObject())
            {
                var norm = product.Value.GetProperty("frobenius").GetDouble();
                Assert.Equal(norm, norms[product.Name], norm * 1e-3);
            }
        }
    }
}
