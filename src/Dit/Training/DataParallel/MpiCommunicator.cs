using System.Globalization;
using System.Runtime.InteropServices;

namespace Dit.Training.DataParallel;

/// <summary>
/// Ranks that mpirun or srun has started, by way of the Open MPI of the machine. It is loaded only here: nothing else needs it.
/// </summary>
public sealed class MpiCommunicator : ICommunicator
{
    private const string Library = "libmpi.so.40";
    private const int CallsFromOneThreadAtATime = 2;

    // What the header of Open MPI 4 and 5 says: the address 1 stands for "the numbers are where the sums go".
    private const nint InPlace = 1;

    private readonly nint world, single, sum;
    private readonly AllReduce allReduce;
    private readonly End end;

    private MpiCommunicator()
    {
        var library = Load();
        (world, single, sum) = (Export(library, "ompi_mpi_comm_world"), Export(library, "ompi_mpi_float"), Export(library, "ompi_mpi_op_sum"));
        allReduce = Function<AllReduce>(library, "MPI_Allreduce");
        end = Function<End>(library, "MPI_Finalize");
        Check("MPI_Init_thread", Function<Init>(library, "MPI_Init_thread")(0, 0, CallsFromOneThreadAtATime, out _));
        Check("MPI_Comm_rank", Function<Ask>(library, "MPI_Comm_rank")(world, out var rank));
        Check("MPI_Comm_size", Function<Ask>(library, "MPI_Comm_size")(world, out var size));
        (Rank, Size) = (rank, size);
    }

    /// <inheritdoc />
    public int Rank { get; }

    /// <inheritdoc />
    public int Size { get; }

    /// <summary>Which of the ranks on this machine this is, counted from 0.</summary>
    public static int LocalRank => Number("OMPI_COMM_WORLD_LOCAL_RANK") ?? Number("SLURM_LOCALID") ?? 0;

    /// <summary>How many ranks of mpirun's share the cores of this machine; srun gives each its own.</summary>
    public static int LocalSize => Number("OMPI_COMM_WORLD_LOCAL_SIZE") ?? 1;

    /// <summary>Joins the other ranks. Once in the life of a process.</summary>
    /// <exception cref="DitException">There is no Open MPI on this machine, or the process was not started as one of several ranks.</exception>
    public static MpiCommunicator Join()
    {
        // By these, mpirun and srun tell a process that it is one of several; without them, each would take itself for the only one.
        if (!new[] { "OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK" }.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
        {
            throw new DitException("--mpi: expected to be started by mpirun or by srun --mpi=pmix, such as mpirun -n 2 dit adapter train --mpi, found neither");
        }

        var ranks = new MpiCommunicator();
        var started = Number("OMPI_COMM_WORLD_SIZE") ?? Number("SLURM_STEP_NUM_TASKS") ?? ranks.Size;
        return ranks.Size == started ? ranks : throw new DitException(
            $"--mpi: expected the {started} processes that were started to find one another, found {ranks.Size}; mpirun and srun must be of the Open MPI that {Library} is of");
    }

    /// <inheritdoc />
    public void Sum(Span<float> numbers) =>
        Check("MPI_Allreduce", allReduce(InPlace, ref MemoryMarshal.GetReference(numbers), numbers.Length, single, sum, world));

    /// <summary>
    /// Leaves, when all ranks do. One that ends without it, as after an error, takes all others down, which would wait for it for ever.
    /// </summary>
    public void Leave() => Check("MPI_Finalize", end());

    private static nint Load()
    {
        try
        {
            return NativeLibrary.Load(Library);
        }
        catch (DllNotFoundException e)
        {
            throw new DitException($"--mpi: expected Open MPI ({Library}, Debian's libopenmpi3 with openmpi-bin) on this machine, found none", e);
        }
        catch (BadImageFormatException e)
        {
            throw new DitException($"--mpi: expected a {Library} for this processor, found another", e);
        }
    }

    private static nint Export(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address)
        ? address
        : throw new DitException($"--mpi: expected Open MPI's {name} in {Library}, found no such symbol");

    private static T Function<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(Export(library, name));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static void Check(string function, int code)
    {
        if (code != 0)
        {
            throw new DitException($"--mpi: {function} failed with code {code}");
        }
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Init(nint argumentCount, nint arguments, int threads, out int provided);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Ask(nint communicator, out int answer);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int AllReduce(nint send, ref float receive, int count, nint type, nint operation, nint communicator);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int End();
}
