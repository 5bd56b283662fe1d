using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Dit.Models;
using static TorchSharp.torch;

namespace Dit.Tests.Architecture;

/// <summary>What BannedSymbols.txt says of tensors and numbers, where its analyzer is blind: x += y and x *= 0.5.</summary>
public sealed class TensorOperatorTests
{
    private static readonly string[] Operators = ["op_Addition", "op_Subtraction", "op_Multiply", "op_Division", "op_Modulus"];

    [Fact]
    public void No_operator_of_tensors_takes_a_number_that_nothing_holds()
    {
        var paths = Directory.GetFiles(AppContext.BaseDirectory, "Dit*.dll");
        Assert.Contains(typeof(Arithmetic).Assembly.Location, paths);
        foreach (var path in paths)
        {
            foreach (var method in OperatorsIn(path))
            {
                var isOfTensors = method.GetParameters().All(parameter => parameter.ParameterType == typeof(Tensor));
                Assert.True(isOfTensors && method.Name != "op_Addition", $"{Path.GetFileName(path)} uses {method}: use {nameof(Arithmetic)}.");
            }
        }
    }

    private static IEnumerable<MethodBase> OperatorsIn(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference
                && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name, nameof(Tensor))
                && Operators.Contains(metadata.GetString(member.Name)))
            {
                yield return Assembly.LoadFrom(path).ManifestModule.ResolveMethod(MetadataTokens.GetToken(handle))!;
            }
        }
    }
}
