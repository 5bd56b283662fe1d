using System.CommandLine;
using System.CommandLine.Invocation;
using Dit;
using Dit.Bench;
using Dit.Bench.SideBySide;

var root = new RootCommand("Speed and memory of dit on models of real sizes, with random weights.")
{
    CompareCommand.Compare(), FlatCommand.Command(), ScaleCommand.Command(), PiecesCommand.Command(), FloorCommand.Command(), ExactnessCommand.Command(), TypesCommand.Command(),
    SlotsCommand.Command(), GalleryCommand.Command(), ServeCommand.Command(), ClientsCommand.Command(),
    CheckpointMaker.Command(), OpenMeasurement.Command(), TokenizeMeasurement.Command(),
    CompareCommand.Measure(), CompareCommand.Rates(), ScaleCommand.Part(), TypesCommand.Part(),
};
try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (DitException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
