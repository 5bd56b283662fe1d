using System.Globalization;
using System.Text;

namespace Dit.Text.Templates;

/// <content>What stands inside of <c>{{ }}</c> and <c>{% %}</c>.</content>
internal sealed partial class Lexer
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];

    private void ReadCode(bool block)
    {
        int begin = _line;
        var open = new Stack<char>();
        while (true)
        {
            int start = _position;
            while (start < _source.Length && PythonText.IsSpace(_source[start]))
            {
                start++;
            }

            MoveTo(start);
            if (start >= _source.Length)
            {
                throw Fault($"expected the end of the tag that begins on line {begin}, found the end of the template");
            }

            // Inside of brackets }} closes two dictionaries, not the tag.
            if (open.Count == 0 && ReadEnd(block))
            {
                return;
            }

            char next = _source[start];
            if (char.IsAsciiDigit(next))
            {
                ReadNumber();
            }
            else if (next == '_' || char.IsLetter(next))
            {
                ReadName();
            }
            else if (next is '\'' or '"')
            {
                ReadString(next);
            }
            else
            {
                ReadOperator(open);
            }
        }
    }

    private bool ReadEnd(bool block)
    {
        ReadOnlySpan<char> rest = _source.AsSpan(_position);
        bool signed = rest[0] == '-' || (block && rest[0] == '+');
        if (!rest[(signed ? 1 : 0)..].StartsWith(block ? "%}" : "}}", StringComparison.Ordinal))
        {
            return false;
        }

        Add(block ? TokenKind.BlockEnd : TokenKind.VariableEnd, "");
        char sign = signed ? rest[0] : '\0';
        MoveTo(_position + (signed ? 3 : 2));
        if (block || signed)
        {
            SkipAfterTag(sign);
        }

        return true;
    }

    private void ReadName()
    {
        int end = _position;
        while (end < _source.Length && (_source[end] == '_' || char.IsLetterOrDigit(_source[end])))
        {
            end++;
        }

        Add(TokenKind.Name, _source[_position..end]);
        _position = end;
    }

    private void ReadNumber()
    {
        int end = Digits(_position);
        bool isFloat = false;

        // The 0.5 of a.0.5 are two items, not a number.
        bool afterDot = _tokens[^1].IsOperator(".");
        if (!afterDot && end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            isFloat = true;
            end = Digits(end + 1);
        }

        if (!afterDot && end < _source.Length && _source[end] is 'e' or 'E')
        {
            int exponent = end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                isFloat = true;
                end = Digits(exponent);
            }
        }

        string digits = _source[_position..end].Replace("_", "", StringComparison.Ordinal);
        Add(isFloat ? TokenKind.Float : TokenKind.Integer, digits);
        _position = end;
    }

    private int Digits(int position)
    {
        while (position < _source.Length && (char.IsAsciiDigit(_source[position]) || _source[position] == '_'))
        {
            position++;
        }

        return position;
    }

    private void ReadString(char quote)
    {
        int end = _position + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Fault($"expected the end of a string, {quote}, found the end of the template");
        }

        Add(TokenKind.Text, Unescape(_source.AsSpan(_position + 1, end - _position - 1)));
        MoveTo(end + 1);
    }

    private string Unescape(ReadOnlySpan<char> text)
    {
        if (!text.Contains('\\'))
        {
            return text.ToString();
        }

        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                result.Append(text[i]);
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'x': i = AppendCode(result, text, i, 2); break;
                case 'u': i = AppendCode(result, text, i, 4); break;
                case 'U': i = AppendCode(result, text, i, 8); break;
                case >= '0' and <= '7': i = AppendOctal(result, text, i); break;
                case '\n': break;
                default: result.Append(Escaped(text[i])); break;
            }
        }

        return result.ToString();
    }

    private static string Escaped(char letter) => letter switch
    {
        'n' => "\n",
        't' => "\t",
        'r' => "\r",
        'a' => "\a",
        'b' => "\b",
        'f' => "\f",
        'v' => "\v",
        '\\' or '\'' or '"' => letter.ToString(),
        _ => "\\" + letter, // Python keeps the backslash of an escape it does not know.
    };

    private int AppendCode(StringBuilder result, ReadOnlySpan<char> text, int letter, int digits)
    {
        if (letter + digits >= text.Length
            || !uint.TryParse(text.Slice(letter + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
            || code is > 0x10FFFF or (>= 0xD800 and <= 0xDFFF))
        {
            throw Fault($"expected {digits} hexadecimal digits of a character behind \\{text[letter]}, found something else");
        }

        if (code > 0xFFFF)
        {
            result.Append(char.ConvertFromUtf32((int)code));
        }
        else
        {
            result.Append((char)code);
        }

        return letter + digits;
    }

    private static int AppendOctal(StringBuilder result, ReadOnlySpan<char> text, int first)
    {
        int code = 0;
        int end = first;
        while (end < text.Length && end < first + 3 && text[end] is >= '0' and <= '7')
        {
            code = code * 8 + (text[end++] - '0');
        }

        result.Append((char)code);
        return end - 1;
    }

    private void ReadOperator(Stack<char> open)
    {
        ReadOnlySpan<char> rest = _source.AsSpan(_position);
        foreach (string symbol in LongOperators)
        {
            if (rest.StartsWith(symbol, StringComparison.Ordinal))
            {
                Add(TokenKind.Operator, symbol);
                _position += 2;
                return;
            }
        }

        char single = rest[0];
        if (!"+-/*%~[](){}<>=.:|,".Contains(single, StringComparison.Ordinal))
        {
            throw Fault($"expected an expression, found the character '{single}'");
        }

        if (single is '(' or '[' or '{')
        {
            open.Push(single);
        }
        else if (single is ')' or ']' or '}'
            && (!open.TryPop(out char opened) || (opened, single) is not (('(', ')') or ('[', ']') or ('{', '}'))))
        {
            throw Fault($"expected brackets that match, found '{single}'");
        }

        Add(TokenKind.Operator, single.ToString());
        _position++;
    }
}
