namespace Dit.Text.Templates;

/// <summary>The names of a template, a macro or one round of a loop. What is set in one is not seen outside of it.</summary>
internal sealed class Scope(Scope? outer)
{
    private readonly Dictionary<string, object> _names = [];

    public void Set(string name, object value) => _names[name] = value;

    public object? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._names.TryGetValue(name, out object? value))
            {
                return value;
            }
        }

        return null;
    }

    private Scope? Outer => outer;
}
