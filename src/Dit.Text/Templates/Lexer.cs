using System.Text.RegularExpressions;

namespace Dit.Text.Templates;

/// <summary>
/// Cuts a template into text and tags and strips the white space around tags, with trim_blocks and lstrip_blocks set, as
/// chat templates are written for: the newline after a block tag goes, and so does what indents a block tag.
/// </summary>
internal sealed partial class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _atLineStart = true;

    private Lexer(string source) => _source = source;

    /// <summary>The tokens of a template, the last of kind <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="DitException">A tag, string or comment is not closed, or a character fits nowhere; names the line.</exception>
    public static List<Token> Tokenize(string template)
    {
        string source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.EndsWith('\n'))
        {
            source = source[..^1];
        }

        var lexer = new Lexer(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            int tag = NextTag();
            if (tag < 0)
            {
                AddData(_source[_position..]);
                MoveTo(_source.Length);
                break;
            }

            string text = _source[_position..tag];
            char kind = _source[tag + 1];
            char sign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            AddData(Strip(text, kind, sign));
            MoveTo(tag + (sign is '-' or '+' ? 3 : 2));
            ReadTag(kind);
            _atLineStart = _source[_position - 1] == '\n';
        }

        Add(TokenKind.End, "");
    }

    private int NextTag()
    {
        for (int at = _position; (at = _source.IndexOf('{', at)) >= 0 && at + 1 < _source.Length; at++)
        {
            if (_source[at + 1] is '%' or '{' or '#')
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The text before a tag without the white space that the tag takes away.</summary>
    private string Strip(string text, char kind, char sign)
    {
        if (sign == '-')
        {
            return PythonText.TrimEnd(text);
        }

        if (sign == '+' || kind == '{')
        {
            return text;
        }

        int line = text.LastIndexOf('\n') + 1;
        bool indents = (line > 0 || _atLineStart) && PythonText.IsSpace(text.AsSpan(line));
        return indents ? text[..line] : text;
    }

    private void ReadTag(char kind)
    {
        switch (kind)
        {
            case '#':
                ReadComment();
                break;
            case '{':
                Add(TokenKind.VariableBegin, "");
                ReadCode(block: false);
                break;
            default:
                if (RawBegin().Match(_source, _position) is { Success: true } raw)
                {
                    MoveTo(_position + raw.Length);
                    ReadRaw();
                    break;
                }

                Add(TokenKind.BlockBegin, "");
                ReadCode(block: true);
                break;
        }
    }

    private void ReadComment()
    {
        int end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Fault("expected the end of a comment, '#}', found the end of the template");
        }

        char sign = end > _position ? _source[end - 1] : '\0';
        MoveTo(end + 2);
        SkipAfterTag(sign);
    }

    private void ReadRaw()
    {
        Match end = RawEnd().Match(_source, _position);
        if (!end.Success)
        {
            throw Fault("expected {% endraw %}, found the end of the template");
        }

        // What raw text begins with is where a line starts only if the tag before ended with a newline.
        _atLineStart = _source[_position - 1] == '\n';
        Group sign = end.Groups[1];
        AddData(Strip(_source[_position..end.Index], '%', sign.Length > 0 ? sign.ValueSpan[0] : '\0'));
        MoveTo(end.Index + end.Length);
        char closing = _source[_position - 3];
        SkipAfterTag(closing);
    }

    /// <summary>Skips what a tag takes from the text behind it; <paramref name="sign"/> is the character before its end.</summary>
    private void SkipAfterTag(char sign)
    {
        int end = _position;
        if (sign == '-')
        {
            while (end < _source.Length && PythonText.IsSpace(_source[end]))
            {
                end++;
            }
        }
        else if (sign != '+' && end < _source.Length && _source[end] == '\n')
        {
            end++;
        }

        MoveTo(end);
    }

    private void MoveTo(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _position = position;
    }

    private void AddData(string text)
    {
        if (text.Length > 0)
        {
            Add(TokenKind.Data, text);
        }
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private DitException Fault(string message) => new($"line {_line}: {message}");

    [GeneratedRegex(@"\G\s*raw\s*(?:-%\}\s*|%\})", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%([-+]?)\s*endraw\s*[-+]?%\}", RegexOptions.CultureInvariant)]
    private static partial Regex RawEnd();
}
