using System.CommandLine;
using System.CommandLine.Invocation;
using Dit;
using Dit.Bench;

var root = new RootCommand("Speed and memory of dit on models of real sizes, with random weights.") { CheckpointMaker.Command(), OpenMeasurement.Command(), TokenizeMeasurement.Command() };
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (DitException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
