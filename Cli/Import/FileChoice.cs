using Pnl.Rates;

namespace Pnl.Cli.Import;

/// <summary>Which files are meant by the paths of a command line.</summary>
/// <param name="Files">Those to import, in order.</param>
/// <param name="Skipped">Those found in folders that are none of a token's rates, with the reason.</param>
/// <param name="Wrong">What was asked for by name and cannot be done, as sentences.</param>
internal sealed record FileChoice(
    IReadOnlyList<ImportFile> Files, IReadOnlyList<(string Path, string Reason)> Skipped, IReadOnlyList<string> Wrong)
{
    /// <summary>Looks at files, and into folders of any depth, in the order of their names.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="template">How tokens are called.</param>
    /// <param name="pair">Whose rates all of them are, as <c>BTC-USD</c>, whatever they are called; null if their names tell.</param>
    public static FileChoice Of(IEnumerable<string> paths, TokenIdTemplate template, string? pair = null)
    {
        List<ImportFile> files = [];
        List<(string, string)> skipped = [];
        List<string> wrong = [];
        HashSet<string> seen = [];
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                EnumerationOptions options = new() { RecurseSubdirectories = true };
                foreach (string found in Directory.EnumerateFiles(path, "*", options).Order(StringComparer.Ordinal))
                {
                    Take(found, reason => skipped.Add((found, reason)));
                }
            }
            else if (File.Exists(path))
            {
                Take(path, reason => wrong.Add($"{path} {reason}."));
            }
            else
            {
                wrong.Add($"{path} does not exist.");
            }
        }

        return new(files, skipped, wrong);

        void Take(string path, Action<string> refuse)
        {
            string fileName = Path.GetFileName(path);
            string told = pair is not null && RateFileName.FormatOf(fileName) is not null ? pair + ".csv" : fileName;
            if (!RateFileName.TryParse(told, out RateFileName? name, out string? reason))
            {
                refuse(reason);
                return;
            }

            string id = template.IdOf(name);
            if (!TokenId.IsValid(id))
            {
                wrong.Add($"{path} would be token '{id}', which is not {TokenId.Rule}.");
            }
            else if (seen.Add(Path.GetFullPath(path)))
            {
                files.Add(new(path, id, name.Symbol, name.Quote) { CandleSeconds = name.CandleSeconds ?? RateFileName.CandleSecondsIn(fileName) });
            }
        }
    }
}
