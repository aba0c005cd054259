using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>
/// Which tokens there are, and the text by which they are found: a table of 16 partitions, each with a row that changes
/// whenever one of the others does. A listing asks for these 16 rows alone, and reads anew what changed; so it shows every
/// token that was written before, whichever process wrote it, and reads the whole table but once. What is damaged of it is
/// made anew from the tokens' own rows.
/// </summary>
internal sealed class TokenDirectory
{
    /// <summary>The table, without the prefix.</summary>
    public const string Table = "directory";

    private const int Partitions = 16, TextsAtOnce = 16;
    private const string Strangers = "PartitionKey lt '0' or (PartitionKey gt '9' and PartitionKey lt 'a') or PartitionKey gt 'f'"; // rows of no partition
    private const string VersionRow = "!"; // before every token's

    private readonly TableClient _table;
    private readonly TableGroups _groups;
    private readonly WriteIds _ids;
    private readonly Part[] _parts = [.. Enumerable.Range(0, Partitions).Select(i => new Part(i.ToString("x", CultureInfo.InvariantCulture)))];
    private readonly Func<CancellationToken, Task<IEnumerable<string>>> _names;
    private readonly Func<string, CancellationToken, Task<string>> _text;
    private volatile Merged _merged = new([], []);
    private bool? _hasStrangers;

    /// <param name="tables">The tables, of which it is one.</param>
    /// <param name="table">The table.</param>
    /// <param name="ids">Names writes.</param>
    /// <param name="names">The ids of all tokens that are there, from elsewhere than from here.</param>
    /// <param name="text">By what text a token is found, from its own row; empty for one that is not to be found.</param>
    public TokenDirectory(AzureTables tables, TableClient table, WriteIds ids, Func<CancellationToken, Task<IEnumerable<string>>> names, Func<string, CancellationToken, Task<string>> text)
    {
        (_table, _ids, _names, _text) = (table, ids, names, text);
        _groups = new(tables, table, TimeSpan.Zero, partition => EntitySum.Seal(Table, new(partition, VersionRow) { [TableWrite.Mark] = ids.Next(0).ToString() }));
    }

    /// <summary>By what text a token is found; empty if it was deleted.</summary>
    public static string TextOf(string token, TokenRegistration registration) => registration.Deleted is not null ? "" : $"{token}\n{registration.Symbol}\n{registration.Name}".ToLowerInvariant();

    /// <summary>Lists a token, or says by what text it is found from now on.</summary>
    public Task PutAsync(string token, TokenRegistration registration) => _groups.WriteAsync(new(
        EntitySum.Seal(Table, new(_parts[PartOf(token)].Key, token) { ["Text"] = TextOf(token, registration), [TableWrite.Mark] = _ids.Next(0).ToString() }), null, Unconditional: true));

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
        Rows[] rows = await AzureTables.TranslateErrorsAsync(() => Task.WhenAll(_parts.Select(part => part.CurrentAsync(_table, cancellation))));
        Merged merged = _merged;
        if (!merged.Of.SequenceEqual(rows))
        {
            _hasStrangers ??= await AzureTables.TranslateErrorsAsync(async () => await _table.QueryAsync<TableEntity>(Strangers, 1, ["RowKey"], cancellation).AnyAsync(cancellation));
            List<(string Token, string Text)> tokens = [.. rows.SelectMany(part => part.Tokens)];
            if (_hasStrangers == true || rows.Any(part => part.IsDamaged))
            {
                tokens.AddRange(await AnewAsync([.. rows.SelectMany(part => part.Known)], cancellation));
            }

            _merged = merged = new(rows, [.. tokens.OrderBy(token => token.Token, StringComparer.Ordinal)]);
        }

        return merged;
    }

    /// <summary>The tokens that are not listed in a row that holds.</summary>
    private async Task<(string Token, string Text)[]> AnewAsync(HashSet<string> known, CancellationToken cancellation)
    {
        ConcurrentBag<(string Token, string Text)> anew = [];
        await Parallel.ForEachAsync(
            (await _names(cancellation)).Where(token => !known.Contains(token)), new ParallelOptions { MaxDegreeOfParallelism = TextsAtOnce, CancellationToken = cancellation },
            async (token, cancel) =>
            {
                if (await _text(token, cancel) is { Length: > 0 } text)
                {
                    anew.Add((token, text));
                }
            });
        return [.. anew];
    }

    /// <param name="Version">As the version's row said; null if there is none.</param>
    /// <param name="Tokens">Those that are found by a text.</param>
    /// <param name="Known">The ids of these and of tokens that were deleted.</param>
    /// <param name="IsDamaged">Whether there were rows that do not hold.</param>
    private sealed record Rows(string? Version, (string Token, string Text)[] Tokens, string[] Known, bool IsDamaged);

    private sealed record Merged(Rows[] Of, (string Token, string Text)[] Tokens);

    /// <summary>One partition as it was read last.</summary>
    private sealed class Part(string key)
    {
        private volatile Rows? _rows;

        public string Key => key;

        public async Task<Rows> CurrentAsync(TableClient table, CancellationToken cancellation)
        {
            Azure.NullableResponse<TableEntity> version = await table.GetEntityIfExistsAsync<TableEntity>(key, VersionRow, cancellationToken: cancellation);
            string? now = version.HasValue ? version.Value!.GetString(TableWrite.Mark) : null;
            if (_rows is { } read && now == read.Version && (now is not null || read is { Known.Length: 0, IsDamaged: false }))
            {
                return read;
            }

            // The version first, then the rows: these are at least of that version.
            List<(string, string)> tokens = [];
            List<string> known = [];
            bool isDamaged = false;
            await foreach (TableEntity row in table.QueryAsync<TableEntity>($"PartitionKey eq '{key}' and RowKey ne '{VersionRow}'", cancellationToken: cancellation))
            {
                if (!EntitySum.Holds(Table, row))
                {
                    isDamaged = true;
                    continue;
                }

                known.Add(row.RowKey);
                if (row.GetString("Text") is { Length: > 0 } text)
                {
                    tokens.Add((row.RowKey, text));
                }
            }

            return _rows = new(now, [.. tokens], [.. known], isDamaged);
        }
    }
}
