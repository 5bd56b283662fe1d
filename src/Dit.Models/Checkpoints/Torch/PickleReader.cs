using System.Runtime.InteropServices;

namespace Dit.Models.Checkpoints.Torch;

/// <summary>
/// Reads a pickle as far as torch needs it for plain data and tensors. A pickle is a program; this is a machine for it that can build lists,
/// tuples, dicts, text, numbers and descriptions of tensors, and nothing else: it has no way to look up or call what a file names.
/// </summary>
/// <param name="path">The file, for messages.</param>
/// <param name="bytes">The pickle.</param>
/// <param name="storage">The storage that a persistent id stands for.</param>
internal sealed class PickleReader(string path, byte[] bytes, Func<object?, TorchStorage> storage)
{
    // What is built takes about forty bytes a step at most, so this bounds the memory that a hostile file can take. What is remembered costs
    // nothing to name again, so whatever copies it or looks through it is charged by its size too (see Cost).
    private const int MostSteps = 1 << 25;
    private const int CharactersPerStep = 32;

    private readonly PickleBytes input = new(path, bytes);
    private readonly List<object?> memo = [];
    private readonly Stack<int> marks = new();
    private readonly List<object?> stack = [];
    private long left = MostSteps;

    /// <summary>What the pickle holds.</summary>
    /// <exception cref="DitException">It is damaged, or asks for anything but plain data and tensors.</exception>
    public object? Read()
    {
        while (true)
        {
            Spend(1);
            var code = input.Byte();
            if (code == '.')
            {
                return stack.Count == 1 && marks.Count == 0 ? stack[0] : throw input.Damaged($"{stack.Count} values and {marks.Count} marks at its end");
            }

            if (!PushNumber(code) && !PushText(code) && !Build(code) && !Remember(code) && !Refer(code))
            {
                throw new DitException($"{path}: expected plain data and tensors, found the pickle instruction {Printable.Text(((char)code).ToString())} (0x{code:x2}), which is not read");
            }
        }
    }

    private void Spend(long steps)
    {
        left -= steps;
        if (left < 0)
        {
            throw new DitException($"{path}: expected a pickle of at most {MostSteps} steps, found a longer one; save fewer items in one file");
        }
    }

    private bool PushNumber(byte code)
    {
        object? value;
        switch ((char)code)
        {
            case 'N':
                value = null;
                break;
            case '\x88':
                value = true;
                break;
            case '\x89':
                value = false;
                break;
            case 'K':
                value = (long)input.Byte();
                break;
            case 'M':
                value = (long)input.UInt16();
                break;
            case 'J':
                value = (long)input.Int32();
                break;
            case '\x8a':
                value = input.Integer(input.Byte());
                break;
            case '\x8b':
                value = input.Integer(input.UInt32());
                break;
            case 'G':
                value = input.Double();
                break;
            default:
                return false;
        }

        stack.Add(value);
        return true;
    }

    private bool PushText(byte code)
    {
        object value;
        switch ((char)code)
        {
            case 'X':
                value = input.Text(input.UInt32());
                break;
            case '\x8c': // Python 3, short
            case 'U': // Python 2
                value = input.Text(input.Byte());
                break;
            case '\x8d':
                value = input.Text(input.UInt64());
                break;
            case 'T': // Python 2
                value = input.Text(input.UInt32());
                break;
            case 'C':
                value = input.Bytes(input.Byte());
                break;
            case 'B':
                value = input.Bytes(input.UInt32());
                break;
            case '\x8e':
                value = input.Bytes(input.UInt64());
                break;
            default:
                return false;
        }

        stack.Add(value);
        return true;
    }

    private bool Build(byte code)
    {
        switch ((char)code)
        {
            case ']':
                stack.Add(new TorchList());
                return true;
            case '}':
                stack.Add(new TorchDict());
                return true;
            case ')':
                stack.Add(TorchTuple.Empty);
                return true;
            case '\x85' or '\x86' or '\x87':
                stack.Add(new TorchTuple(TakeLast(code - 0x84)));
                return true;
            case '(':
                marks.Push(stack.Count);
                return true;
            case 't':
                stack.Add(new TorchTuple(TakeToMark()));
                return true;
            case 'l':
                Extend(new TorchList(), TakeToMark(), push: true);
                return true;
            case 'd':
                SetItems(new TorchDict(), TakeToMark(), push: true);
                return true;
            case 'a':
                var item = TakeLast(1);
                Extend(Top<TorchList>("append to"), item);
                return true;
            case 'e':
                var items = TakeToMark();
                Extend(Top<TorchList>("append to"), items);
                return true;
            case 's':
                var entry = TakeLast(2);
                SetItems(Top<TorchDict>("set an item of"), entry);
                return true;
            case 'u':
                var entries = TakeToMark();
                SetItems(Top<TorchDict>("set an item of"), entries);
                return true;
            default:
                return false;
        }
    }

    private bool Remember(byte code)
    {
        switch ((char)code)
        {
            case 'q':
                Keep(input.Byte());
                return true;
            case 'r':
                Keep(input.UInt32());
                return true;
            case '\x94':
                Keep((uint)memo.Count);
                return true;
            case 'h':
                stack.Add(Recall(input.Byte()));
                return true;
            case 'j':
                stack.Add(Recall(input.UInt32()));
                return true;
            case '0':
                TakeLast(1);
                return true;
            case '1':
                TakeToMark();
                return true;
            case '2':
                stack.Add(Top());
                return true;
            case '\x80':
                return input.Byte() is var version && version <= 5 ? true : throw input.Damaged($"protocol {version}");
            case '\x95':
                input.UInt64(); // The length of a frame, which is only for readers of streams.
                return true;
            default:
                return false;
        }
    }

    private bool Refer(byte code)
    {
        switch ((char)code)
        {
            case 'c':
                var module = input.Line();
                stack.Add(Global(module, input.Line()));
                return true;
            case '\x93':
                stack.Add(TakeLast(2) is [string from, string name] ? Global(from, name) : throw input.Damaged("a name that is no text"));
                return true;
            case 'Q':
                var id = TakeLast(1)[0];
                Spend(Cost(id));
                stack.Add(storage(id));
                return true;
            case 'R':
                stack.Add(Call(TakeLast(2)));
                return true;
            case 'b':
                // The attributes of a state dict (_metadata) say nothing about its tensors.
                if (TakeLast(2) is [TorchDict dict, TorchDict])
                {
                    stack.Add(dict);
                    return true;
                }

                throw new DitException($"{path}: expected plain data and tensors, found an object with attributes of its own (the pickle instruction BUILD)");
            case 'P' or 'i' or 'o' or '\x81' or '\x92':
                throw new DitException($"{path}: expected plain data and tensors, found an object of a class of its own (the pickle instruction 0x{code:x2}), which is not built");
            default:
                return false;
        }
    }

    private object Global(string module, string name) => PickleGlobals.Find(module, name)
        ?? throw new DitException($"{path}: expected plain data and tensors, found a reference to {Printable.Text($"{module}.{name}")}; nothing was executed");

    private object Call(object?[] functionAndArguments)
    {
        if (functionAndArguments is [PickleGlobals.Callable callable, TorchTuple arguments])
        {
            Spend(arguments.Items.Sum(Cost));
            return callable.Build(arguments.Items, input.Damaged) ?? throw input.Damaged($"{callable.Name} with arguments that are not its own");
        }

        throw new DitException($"{path}: expected plain data and tensors, found a call of something that is no function of torch; nothing was executed");
    }

    /// <summary>How many steps it is worth to copy a value or to look through it, as deep as a function of torch does.</summary>
    private static long Cost(object? value) => value switch
    {
        string text => text.Length / CharactersPerStep,
        TorchList list => 4L * list.Items.Count,
        TorchTuple tuple => tuple.Items.Sum(item => 1L + (item is string text ? text.Length / CharactersPerStep : 0)),
        _ => 0,
    };

    /// <summary>Python numbers what it keeps from 0 without a gap.</summary>
    private void Keep(uint place)
    {
        if (place > memo.Count)
        {
            throw input.Damaged($"a value kept as number {place} after {memo.Count}");
        }

        if (place == memo.Count)
        {
            memo.Add(null);
        }

        memo[(int)place] = Top();
    }

    private object? Recall(uint place) => place < memo.Count ? memo[(int)place] : throw input.Damaged($"a value {place} that was not kept");

    private object? Top() => stack.Count > Floor ? stack[^1] : throw input.Damaged("no value where one is needed");

    private T Top<T>(string purpose) where T : class => Top() as T ?? throw input.Damaged($"nothing to {purpose}");

    private int Floor => marks.TryPeek(out var mark) ? mark : 0;

    private object?[] TakeLast(int count)
    {
        if (stack.Count - Floor < count)
        {
            throw input.Damaged("no value where one is needed");
        }

        var taken = CollectionsMarshal.AsSpan(stack)[^count..].ToArray();
        stack.RemoveRange(stack.Count - count, count);
        return taken;
    }

    private object?[] TakeToMark()
    {
        if (!marks.TryPeek(out var mark))
        {
            throw input.Damaged("no mark where one is needed");
        }

        var taken = TakeLast(stack.Count - mark);
        marks.Pop();
        return taken;
    }

    private void Extend(TorchList list, object?[] items, bool push = false)
    {
        list.Mutable.AddRange(items);
        if (push)
        {
            stack.Add(list);
        }
    }

    private void SetItems(TorchDict dict, object?[] items, bool push = false)
    {
        if (items.Length % 2 != 0)
        {
            throw input.Damaged("a key without a value");
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            var key = items[i] is string or long ? items[i]! : throw input.Damaged("a key that is neither text nor a whole number");
            Spend(Cost(key));
            dict.Set(key, items[i + 1]);
        }

        if (push)
        {
            stack.Add(dict);
        }
    }
}
