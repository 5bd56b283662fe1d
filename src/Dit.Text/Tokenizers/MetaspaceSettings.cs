using Dit.Json;
using Dit.Text.Tokenizers.PreTokenizers;

namespace Dit.Text.Tokenizers;

/// <summary>The settings of a Metaspace, which stand in the same words at the pre-tokenizer and at the decoder.</summary>
/// <param name="Mark">What stands for a space.</param>
/// <param name="Scheme">Where a mark is put in front.</param>
/// <param name="Split">Whether to cut before every mark.</param>
internal sealed record MetaspaceSettings(char Mark, PrependScheme Scheme, bool Split)
{
    public static MetaspaceSettings Read(JsonPart part)
    {
        var replacement = part.Required("replacement");
        var mark = replacement.Text() is { Length: 1 } text && !char.IsSurrogate(text[0])
            ? text[0]
            : throw replacement.Unexpected("one character");
        var scheme = part.Optional("prepend_scheme") is { } named
            ? named.Text() switch
            {
                "always" => PrependScheme.Always,
                "first" => PrependScheme.First,
                "never" => PrependScheme.Never,
                var other => throw named.Unsupported($"the prepend_scheme {other}"),
            }
            : PrependScheme.Always;

        // The older files' word for the same thing may only say what the newer one says.
        if (part.Optional("add_prefix_space")?.Flag() == false && scheme != PrependScheme.Never)
        {
            throw part.Unexpected("a prepend_scheme that agrees with add_prefix_space");
        }

        return new(mark, scheme, part.Optional("split")?.Flag() ?? true);
    }
}
