namespace Dit.Text.Templates;

/// <summary>The methods of Python's texts that templates use.</summary>
internal static class StringMethods
{
    private delegate object Method(string self, Arguments arguments, Budget budget);

    private static readonly Dictionary<string, Method> Methods = new()
    {
        ["strip"] = (s, a, b) => b.Made(Texts.Strip(s, a.Bind("strip", 0, "chars")[0], start: true, end: true, b)),
        ["lstrip"] = (s, a, b) => b.Made(Texts.Strip(s, a.Bind("lstrip", 0, "chars")[0], start: true, end: false, b)),
        ["rstrip"] = (s, a, b) => b.Made(Texts.Strip(s, a.Bind("rstrip", 0, "chars")[0], start: false, end: true, b)),
        ["split"] = (s, a, b) => Splitting.Split(s, a, fromEnd: false, b),
        ["rsplit"] = (s, a, b) => Splitting.Split(s, a, fromEnd: true, b),
        ["splitlines"] = (s, a, b) =>
            new SequenceValue([.. Splitting.Lines(s, PythonType.IsTrue(a.Bind("splitlines", 0, "keepends")[0] ?? false), b)]),
        ["partition"] = (s, a, b) => Splitting.Partition(s, a, fromEnd: false, b),
        ["rpartition"] = (s, a, b) => Splitting.Partition(s, a, fromEnd: true, b),
        ["startswith"] = (s, a, b) => Affix(s, a, b, s.StartsWith),
        ["endswith"] = (s, a, b) => Affix(s, a, b, s.EndsWith),
        ["removeprefix"] = (s, a, b) => Without(s, PythonType.Text(a.Bind("removeprefix", 1, "prefix")[0]!), start: true, b),
        ["removesuffix"] = (s, a, b) => Without(s, PythonType.Text(a.Bind("removesuffix", 1, "suffix")[0]!), start: false, b),
        ["replace"] = (s, a, b) => a.Bind("replace", 2, "old", "new", "count") is var x
            ? Texts.Replace(s, PythonType.Text(x[0]!), PythonType.Text(x[1]!), PythonType.Integer(x[2] ?? -1L), b) : s,
        ["join"] = (s, a, b) =>
            Texts.Join(s, Members.Iterate(a.Bind("join", 1, "iterable")[0]!, b).Select(PythonType.Text), b),
        ["upper"] = (s, a, b) => b.Made(Texts.Upper(s)),
        ["lower"] = (s, a, b) => b.Made(s.ToLowerInvariant()),
        ["capitalize"] = (s, a, b) => b.Made(Texts.Capitalize(s)),
        ["title"] = (s, a, b) => b.Made(Title(s)),
        ["find"] = (s, a, b) => Find(s, a, "find", fromEnd: false, b),
        ["rfind"] = (s, a, b) => Find(s, a, "rfind", fromEnd: true, b),
        ["index"] = (s, a, b) => Found(Find(s, a, "index", fromEnd: false, b)),
        ["rindex"] = (s, a, b) => Found(Find(s, a, "rindex", fromEnd: true, b)),
        ["count"] = (s, a, b) => Texts.Count(s, PythonType.Text(a.Bind("count", 1, "sub")[0]!), b),
        ["isalpha"] = (s, a, b) => All(s, char.IsLetter, b),
        ["isdigit"] = (s, a, b) => All(s, char.IsDigit, b),
        ["isdecimal"] = (s, a, b) => All(s, char.IsDigit, b),
        ["isnumeric"] = (s, a, b) => All(s, char.IsNumber, b),
        ["isalnum"] = (s, a, b) => All(s, char.IsLetterOrDigit, b),
        ["isspace"] = (s, a, b) => All(s, PythonText.IsSpace, b),
        ["isupper"] = (s, a, b) => Texts.IsCased(s, char.IsUpper, char.IsLower, b),
        ["islower"] = (s, a, b) => Texts.IsCased(s, char.IsLower, char.IsUpper, b),
        ["center"] = Center,
        ["ljust"] = (s, a, b) => Pad(s, a, "ljust", (_, _) => 0, b),
        ["rjust"] = (s, a, b) => Pad(s, a, "rjust", (room, _) => room, b),
        ["zfill"] = (s, a, b) => ZeroFill(s, PythonType.Integer(a.Bind("zfill", 1, "width")[0]!), b),
        ["format"] = TextFormat.Braces,
    };

    public static Callable? Find(string self, string name, Budget budget) => Methods.TryGetValue(name, out Method? method)
        ? new Callable(name, arguments =>
        {
            budget.Read(self.Length);
            return method(self, arguments, budget);
        })
        : null;

    /// <summary>The method, and the filter, <c>center(width, fillchar)</c>.</summary>
    public static object Center(string text, Arguments arguments, Budget budget) =>
        Pad(text, arguments, "center", (room, width) => room / 2 + (room & width & 1), budget);

    private static string Without(string text, string affix, bool start, Budget budget) => start
        ? text.StartsWith(affix, StringComparison.Ordinal) ? budget.Made(text[affix.Length..]) : text
        : text.EndsWith(affix, StringComparison.Ordinal) ? budget.Made(text[..^affix.Length]) : text;

    private static bool Affix(string text, Arguments arguments, Budget budget, Func<string, StringComparison, bool> has)
    {
        object?[] given = arguments.Bind("startswith or endswith", 1, "affix");
        budget.Read(text.Length);
        return given[0] is SequenceValue { Kind: SequenceKind.Tuple } affixes
            ? affixes.Items.Any(affix => has(PythonType.Text(affix), StringComparison.Ordinal))
            : has(PythonType.Text(given[0]!), StringComparison.Ordinal);
    }

    private static object Find(string text, Arguments arguments, string name, bool fromEnd, Budget budget)
    {
        object?[] given = arguments.Bind(name, 1, "sub", "start", "end");
        var letters = new CodePoints(text, budget);
        int from = Place(given[1] ?? 0L, letters.Count);
        int to = Place(given[2] ?? (long)letters.Count, letters.Count);
        if (from > to || (given[1] is long start && start > letters.Count))
        {
            return -1L;
        }

        string part = text[letters.Unit(from)..letters.Unit(to)];
        string sought = PythonType.Text(given[0]!);
        int unit = fromEnd ? part.LastIndexOf(sought, StringComparison.Ordinal) : part.IndexOf(sought, StringComparison.Ordinal);
        return unit < 0 ? -1L : letters.CountBefore(letters.Unit(from) + unit);
    }

    private static int Place(object place, int count)
    {
        long index = PythonType.Integer(place);
        return (int)Math.Clamp(index < 0 ? index + count : index, 0, count);
    }

    private static object Found(object place) =>
        place is -1L ? throw new DitException("expected a text that contains what is looked for, found one without it") : place;

    private static bool All(string text, Predicate<char> holds, Budget budget)
    {
        budget.Read(text.Length * 4L);
        return text.Length > 0 && text.All(c => holds(c));
    }

    private static object ZeroFill(string text, long width, Budget budget) => text is ['-' or '+', ..]
        ? text[0] + (string)ZeroFill(text[1..], width - 1, budget)
        : Pad(text, Arguments.Of(width, "0"), "zfill", (room, _) => room, budget);

    private static string Title(string text)
    {
        char[] letters = text.ToCharArray();
        for (int i = 0; i < letters.Length; i++)
        {
            bool inside = i > 0 && char.IsLetter(text[i - 1]);
            letters[i] = inside ? char.ToLowerInvariant(letters[i]) : char.ToUpperInvariant(letters[i]);
        }

        return new string(letters);
    }

    private static object Pad(string text, Arguments arguments, string name, Func<long, long, long> left, Budget budget)
    {
        object?[] given = arguments.Bind(name, 1, "width", "fillchar");
        string fill = PythonType.Text(given[1] ?? " ");
        if (fill.Length != 1)
        {
            throw new DitException($"expected one character to fill with, found {fill.Length}");
        }

        long width = PythonType.Integer(given[0]!);
        long room = Math.Max(width - new CodePoints(text, budget).Count, 0);
        budget.Make(text.Length + room);
        int before = (int)left(room, width);
        return new string(fill[0], before) + text + new string(fill[0], (int)room - before);
    }
}
