namespace Dit.Text.Templates;

/// <summary>Filters that make text of text; any value is printed first.</summary>
internal static class TextFilters
{
    public static readonly Dictionary<string, Filter> All = new()
    {
        ["string"] = (value, _, evaluator) => Print(value, evaluator),
        ["safe"] = (value, _, evaluator) => Print(value, evaluator),
        ["upper"] = (value, _, evaluator) => evaluator.Budget.Made(Texts.Upper(Print(value, evaluator))),
        ["lower"] = (value, _, evaluator) => evaluator.Budget.Made(Print(value, evaluator).ToLowerInvariant()),
        ["capitalize"] = (value, _, evaluator) => evaluator.Budget.Made(Texts.Capitalize(Print(value, evaluator))),
        ["title"] = (value, _, evaluator) => Title(Print(value, evaluator), evaluator.Budget),
        ["trim"] = (value, arguments, evaluator) => evaluator.Budget.Made(Texts.Strip(
            Print(value, evaluator), arguments.Bind("trim", 0, "chars")[0], start: true, end: true, evaluator.Budget)),
        ["replace"] = Replace,
        ["indent"] = Indent,
        ["center"] = (value, arguments, evaluator) => StringMethods.Center(
            Print(value, evaluator), arguments is { Positional: [], Named.Count: 0 } ? Arguments.Of(80L) : arguments, evaluator.Budget),
        ["truncate"] = Truncate,
        ["format"] = Format,
        ["escape"] = Escape,
        ["e"] = Escape,
        ["forceescape"] = Escape,
        ["wordcount"] = (value, _, evaluator) => WordCount(Print(value, evaluator), evaluator.Budget),
    };

    private static string Print(object value, Evaluator evaluator)
    {
        string text = PythonText.Of(value, evaluator.Budget);
        evaluator.Budget.Read(text.Length);
        return text;
    }

    private static object Replace(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("replace", 2, "old", "new", "count");
        long count = given[2] is null or None ? -1 : PythonType.Integer(given[2]!);
        return Texts.Replace(
            Print(value, evaluator), Print(given[0]!, evaluator), Print(given[1]!, evaluator), count, evaluator.Budget);
    }

    private static object Indent(object value, Arguments arguments, Evaluator evaluator)
    {
        Budget budget = evaluator.Budget;
        object?[] given = arguments.Bind("indent", 0, "width", "first", "blank");
        string text = PythonType.Text(value);
        bool blank = PythonType.IsTrue(given[2] ?? false);
        string indent = given[0] as string ?? Spaces(PythonType.Integer(given[0] ?? 4L), budget);

        // A newline at the end begins a last line that is empty.
        string[] lines = [.. Splitting.Lines(text + "\n", keepEnds: false, budget)];
        budget.Make(text.Length + ((long)lines.Length * (indent.Length + 1)));
        string result = string.Join("\n", lines.Select((line, i) => i > 0 && (blank || line.Length > 0) ? indent + line : line));
        return PythonType.IsTrue(given[1] ?? false) ? indent + result : result;
    }

    private static string Spaces(long width, Budget budget)
    {
        budget.Make(width);
        return new string(' ', (int)Math.Max(width, 0));
    }

    // Unlike the method of that name, the filter begins words only behind white space and opening brackets and dashes.
    private static string Title(string text, Budget budget)
    {
        char[] letters = text.ToCharArray();
        for (int i = 0; i < letters.Length; i++)
        {
            bool begins = i == 0 || "-({[<".Contains(text[i - 1], StringComparison.Ordinal) || PythonText.IsSpace(text[i - 1]);
            letters[i] = begins ? char.ToUpperInvariant(letters[i]) : char.ToLowerInvariant(letters[i]);
        }

        return budget.Made(new string(letters));
    }

    private static object Truncate(object value, Arguments arguments, Evaluator evaluator)
    {
        object?[] given = arguments.Bind("truncate", 0, "length", "killwords", "end", "leeway");
        string text = value is Undefined ? "" : PythonType.Text(value);
        string end = PythonType.Text(given[2] ?? "...");
        long length = PythonType.Integer(given[0] ?? 255L);
        long leeway = given[3] is null or None ? 5 : PythonType.Integer(given[3]!);
        var letters = new CodePoints(text, evaluator.Budget);
        if (letters.Count <= length + leeway)
        {
            return text;
        }

        long kept = length - new CodePoints(end, evaluator.Budget).Count;
        if (kept < 0 || leeway < 0)
        {
            throw new DitException("expected a length to truncate to that holds the end, found a shorter one");
        }

        string start = text[..letters.Unit((int)kept)];
        int word = PythonType.IsTrue(given[1] ?? false) ? -1 : start.LastIndexOf(' ');
        return evaluator.Budget.Made((word < 0 ? start : start[..word]) + end);
    }

    private static object Format(object value, Arguments arguments, Evaluator evaluator) => arguments.Named.Count == 0
        ? TextFormat.Percent(Print(value, evaluator), SequenceValue.Tuple([.. arguments.Positional]), evaluator.Budget)
        : throw new DitException("expected positional arguments for the filter 'format', found named ones");

    private static object Escape(object value, Arguments arguments, Evaluator evaluator)
    {
        string text = Print(value, evaluator);
        Budget.Check(text.Length * 5L);
        return evaluator.Budget.Made(text
            .Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
            .Replace(">", "&gt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal));
    }

    private static object WordCount(string text, Budget budget)
    {
        budget.Read(text.Length);
        long count = 0;
        bool inside = false;
        foreach (char letter in text)
        {
            bool isWord = char.IsLetterOrDigit(letter) || letter == '_';
            count += isWord && !inside ? 1 : 0;
            inside = isWord;
        }

        return count;
    }
}
