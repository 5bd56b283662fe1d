using System.Runtime.CompilerServices;

namespace Dit.Text.Templates;

/// <summary>What one rendering may use. Templates come from strangers' folders, so each has to end soon and stay small.</summary>
internal sealed class Budget
{
    public const int MaxLoopIterations = 1_000_000;

    /// <summary>In characters of text or items of a list, for the output and for every value on the way.</summary>
    public const int MaxSize = 16 << 20;

    private const int MaxSteps = 10_000_000;
    private const long MaxWork = 1L << 30;
    private const int MaxCalls = 200;

    // What an item of a list costs, in characters.
    private const int ItemWork = 16;

    private int _iterations;
    private int _steps;
    private long _work;
    private int _calls;

    /// <summary>Counts a small piece of work and makes sure that there is stack for it.</summary>
    public void Step()
    {
        if (++_steps > MaxSteps)
        {
            throw new DitException($"expected a template that ends within {MaxSteps} steps, found one that goes on");
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new DitException("expected values and expressions that fit on the stack, found some nested too deep");
        }
    }

    /// <summary>Counts one round of a loop, a macro or a filter over items.</summary>
    public void Iterate()
    {
        if (++_iterations > MaxLoopIterations)
        {
            throw new DitException($"expected at most {MaxLoopIterations} loop iterations, found more");
        }
    }

    /// <summary>Counts characters or items that are looked at.</summary>
    public void Read(long size)
    {
        _work += size;
        if (_work > MaxWork)
        {
            throw new DitException($"expected a template that handles at most {MaxWork} characters, found one that goes on");
        }
    }

    /// <summary>To be called before a text or list of this size is made.</summary>
    public void Make(long size)
    {
        Check(size);

        // Memory is dearer than time, and nothing tells how long a value is kept.
        Read(size * 4);
    }

    /// <summary>To be called before a list of this length is made.</summary>
    public void MakeItems(long count)
    {
        Check(count);
        Read(count * ItemWork);
    }

    /// <summary>To be called before one more item is added to a list or dictionary that has <paramref name="count"/>.</summary>
    public void MakeItem(int count)
    {
        Check(count);
        Read(ItemWork);
    }

    /// <summary>Refuses a size that no text or list may have.</summary>
    public static void Check(long size)
    {
        if (size > MaxSize)
        {
            throw new DitException($"expected texts and lists of at most {MaxSize} characters or items, found a longer one");
        }
    }

    /// <summary>Counts a text that has been made, whose size was known to be harmless.</summary>
    public string Made(string text)
    {
        Make(text.Length);
        return text;
    }

    /// <summary>Runs a macro's body, which may run itself.</summary>
    public T Call<T>(Func<T> body)
    {
        Iterate();
        if (++_calls > MaxCalls)
        {
            throw new DitException($"expected at most {MaxCalls} macros inside of one another, found more");
        }

        T result = body();
        _calls--;
        return result;
    }
}
