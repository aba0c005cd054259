using System.Text;

namespace Pnl.Bench.Reporting;

/// <summary>The report as it is read.</summary>
internal static class MarkdownTable
{
    public static string Of(IEnumerable<Figure> figures)
    {
        StringBuilder text = new();
        text.AppendLine("| name | ours | best peer | times better | unit | limit | note |");
        text.AppendLine("|---|---|---|---|---|---|---|");
        foreach (Figure f in figures)
        {
            string peer = f.Peer is null ? "" : $"{Significant.Text(f.Peer)} {f.PeerName}";
            string limit = f.Limit is null ? f.LimitName ?? "" : $"{Significant.Text(f.Limit)} {f.LimitName}";
            text.AppendLine($"| {f.Name} | {Significant.Text(f.Ours)} | {peer} | {Significant.Text(f.Ratio)} | {f.Unit} | {limit} | {f.Note} |");
        }

        return text.ToString();
    }
}
