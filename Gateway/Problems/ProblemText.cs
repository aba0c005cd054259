using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Pnl.Gateway;

/// <summary>
/// What a problem says. Written as <c>$"'{id}' is no token id."</c> it holds at most <see cref="Echo.Most"/> characters of all that
/// is put into it; a text that is given whole is our own, and is kept whole.
/// </summary>
[InterpolatedStringHandler]
internal struct ProblemText
{
    private readonly StringBuilder? _written;
    private readonly string? _whole;
    private int _left;

    public ProblemText(int literalLength, int formattedCount)
    {
        _written = new(literalLength + (16 * formattedCount));
        _left = Echo.Most;
    }

    private ProblemText(string whole) => _whole = whole;

    public readonly void AppendLiteral(string text) => _written!.Append(text);

    public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

    public void AppendFormatted<T>(T value, string? format)
    {
        string text = value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? "";
        string shown = Echo.Of(text, _left);
        _left -= shown.Length;
        _written!.Append(shown);
    }

    public override readonly string ToString() => _whole ?? _written?.ToString() ?? "";

    public static implicit operator ProblemText(string whole) => new(whole);
}
