namespace Pnl.Cli.Import;

/// <summary>Rows that were not taken, counted by the code of the reason, with a few examples each.</summary>
internal sealed class Rejections
{
    private const int MaxExamples = 5;
    private readonly SortedDictionary<string, (long Rows, List<string> Examples)> _byCode = new(StringComparer.Ordinal);

    public long Rows { get; private set; }

    /// <summary>Code, number of rows, and where the first of them stand (<c>file:line</c>).</summary>
    public IEnumerable<(string Code, long Rows, IReadOnlyList<string> Examples)> ByCode =>
        _byCode.Select(e => (e.Key, e.Value.Rows, (IReadOnlyList<string>)e.Value.Examples));

    public void Add(string code, string file, long line) => Add(code, 1, examples =>
    {
        if (examples.Count < MaxExamples)
        {
            examples.Add(FormattableString.Invariant($"{file}:{line}"));
        }
    });

    public void Add(Rejections others)
    {
        foreach ((string code, long rows, IReadOnlyList<string> more) in others.ByCode)
        {
            Add(code, rows, examples => examples.AddRange(more.Take(MaxExamples - examples.Count)));
        }
    }

    private void Add(string code, long rows, Action<List<string>> addExamples)
    {
        (long before, List<string> examples) = _byCode.TryGetValue(code, out (long, List<string>) entry) ? entry : (0, []);
        addExamples(examples);
        _byCode[code] = (before + rows, examples);
        Rows += rows;
    }
}
