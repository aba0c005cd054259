namespace Pnl;

/// <summary>The lines of a text one after the other: of the text no more than a line is held, and a line has a bound.</summary>
/// <param name="text">The text.</param>
/// <param name="source">What is read, to name it in errors.</param>
internal sealed class TextLines(TextReader text, string source)
{
    public const int MostChars = 1 << 24;

    private char[] _buffer = new char[1 << 16];
    private int _line, _length, _start, _end;
    private bool _skipsLineFeed;

    /// <summary>The line, without its end.</summary>
    public ReadOnlySpan<char> Current => _buffer.AsSpan(_line, _length);

    /// <summary>Goes on to the next line; false behind the last one.</summary>
    /// <exception cref="RateFileException">A line is longer than 16 million characters.</exception>
    public bool MoveNext()
    {
        for (int scanned = _start; ;)
        {
            if (_skipsLineFeed && _start < _end)
            {
                _start = scanned = _buffer[_start] == '\n' ? _start + 1 : _start;
                _skipsLineFeed = false;
            }

            if (_buffer.AsSpan(scanned.._end).IndexOfAny('\n', '\r') is >= 0 and int at)
            {
                (_line, _length) = (_start, scanned + at - _start);
                _skipsLineFeed = _buffer[scanned + at] == '\r';
                _start = scanned + at + 1;
                return true;
            }

            int left = _end - _start;
            if (left > MostChars)
            {
                throw TooLong(source, null);
            }

            Buffer.BlockCopy(_buffer, _start * sizeof(char), _buffer, 0, left * sizeof(char));
            if (left == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * left);
            }

            (_start, _end, scanned) = (0, left, left);
            int read = text.Read(_buffer.AsSpan(_end));
            _end += read;
            if (read == 0)
            {
                (_line, _length, _start) = (0, left, left);
                return left > 0;
            }
        }
    }

    public static RateFileException TooLong(string source, Exception? inner) =>
        new($"{source} has a line of more than 16 million characters: it is no table of rates.", inner!);
}
