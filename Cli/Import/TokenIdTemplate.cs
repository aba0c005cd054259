using Pnl.Rates;

namespace Pnl.Cli.Import;

/// <summary>How the ids of tokens are made of file names: a text with <c>{symbol}</c> and <c>{quote}</c> in it.</summary>
internal sealed record TokenIdTemplate(string Text)
{
    /// <summary>The rule for files and exchange pairs: the symbol alone.</summary>
    public static TokenIdTemplate Default { get; } = new("{symbol}");

    /// <summary>Why this is no template; null if it is one.</summary>
    public string? Defect()
    {
        string rest = Text.Replace("{symbol}", "", StringComparison.Ordinal).Replace("{quote}", "", StringComparison.Ordinal);
        return rest.AsSpan().ContainsAny('{', '}') ? $"'{Text}' knows {{symbol}} and {{quote}} only" : null;
    }

    /// <summary>The id for a file, which may turn out to be none: see <see cref="TokenId"/>.</summary>
    public string IdOf(RateFileName name) => Text
        .Replace("{symbol}", name.Id, StringComparison.Ordinal)
        .Replace("{quote}", name.Quote, StringComparison.Ordinal)
        .ToLowerInvariant();
}
