using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Which tokens there are, and the text by which they are found: a table of 16 partitions, each with a row that changes
/// whenever one of the others does. A listing asks for these 16 rows alone, and reads anew what changed; so it shows every
/// token that was written before, whichever process wrote it, and reads the whole table but once.
/// </summary>
internal sealed class TokenDirectory
{
    private const int Partitions = 16;
    private const string VersionRow = "!"; // before every token's

    private readonly TableClient _table;
    private readonly TableGroups _groups;
    private readonly WriteIds _ids;
    private readonly Part[] _parts = [.. Enumerable.Range(0, Partitions).Select(i => new Part(i.ToString("x", CultureInfo.InvariantCulture)))];
    private volatile Merged _merged = new([], []);

    public TokenDirectory(AzureTables tables, TableClient table, WriteIds ids)
    {
        (_table, _ids) = (table, ids);
        _groups = new(tables, table, TimeSpan.Zero, partition => new(partition, VersionRow) { [TableWrite.Mark] = ids.Next(0).ToString() });
    }

    /// <summary>By what text a token is found; empty if it was deleted.</summary>
    public static string TextOf(string token, TokenRegistration registration) => registration.Deleted is not null ? "" : $"{token}\n{registration.Symbol}\n{registration.Name}".ToLowerInvariant();

    /// <summary>Lists a token, or says by what text it is found from now on.</summary>
    public Task PutAsync(string token, TokenRegistration registration) => _groups.WriteAsync(new(
        new(_parts[PartOf(token)].Key, token) { ["Text"] = TextOf(token, registration), [TableWrite.Mark] = _ids.Next(0).ToString() }, null, Anyway: true));

    public async Task<List<string>> ListAsync(string? search, string? after, int limit, CancellationToken cancellation)
    {
        Merged all = await CurrentAsync(cancellation);
        string part = (search ?? "").ToLowerInvariant();
        int at = after is null ? 0 : all.Tokens.AsSpan().BinarySearch((after, ""), ById);
        List<string> found = [];
        for (int i = after is null ? 0 : at < 0 ? ~at : at + 1; i < all.Tokens.Length && found.Count < limit; i++)
        {
            if (part.Length == 0 || all.Tokens[i].Text.Contains(part, StringComparison.Ordinal))
            {
                found.Add(all.Tokens[i].Token);
            }
        }

        return found;
    }

    private static Comparer<(string Token, string Text)> ById { get; } = Comparer<(string Token, string Text)>.Create((a, b) => string.CompareOrdinal(a.Token, b.Token));

    private static int PartOf(string token) => (int)(XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(token)) % Partitions);

    /// <summary>All tokens in order, as of a moment after the call.</summary>
    private async Task<Merged> CurrentAsync(CancellationToken cancellation)
    {
        Rows[] rows = await AzureTables.Told(() => Task.WhenAll(_parts.Select(part => part.CurrentAsync(_table, cancellation))));
        Merged merged = _merged;
        if (!merged.Of.SequenceEqual(rows))
        {
            _merged = merged = new(rows, [.. rows.SelectMany(part => part.Tokens).OrderBy(token => token.Token, StringComparer.Ordinal)]);
        }

        return merged;
    }

    private sealed record Rows(string? Version, (string Token, string Text)[] Tokens);

    private sealed record Merged(Rows[] Of, (string Token, string Text)[] Tokens);

    /// <summary>One partition as it was read last.</summary>
    private sealed class Part(string key)
    {
        private volatile Rows _rows = new(null, []);

        public string Key => key;

        public async Task<Rows> CurrentAsync(TableClient table, CancellationToken cancellation)
        {
            Azure.NullableResponse<TableEntity> version = await table.GetEntityIfExistsAsync<TableEntity>(key, VersionRow, cancellationToken: cancellation);
            string? now = version.HasValue ? version.Value!.GetString(TableWrite.Mark) : null;
            Rows known = _rows;
            if (now == known.Version)
            {
                return known;
            }

            // The version first, then the rows: these are at least of that version.
            List<(string, string)> tokens = [];
            await foreach (TableEntity row in table.QueryAsync<TableEntity>($"PartitionKey eq '{key}' and RowKey gt '{VersionRow}'", select: ["RowKey", "Text"], cancellationToken: cancellation))
            {
                if (row.GetString("Text") is { Length: > 0 } text)
                {
                    tokens.Add((row.RowKey, text));
                }
            }

            return _rows = new(now, [.. tokens]);
        }
    }
}
