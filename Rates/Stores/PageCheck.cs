using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Pnl.Rates;

/// <summary>SQLite's own check of a database's pages, which is one statement and takes minutes for gigabytes: told how far it is, and ended when asked to.</summary>
internal static class PageCheck
{
    private const int StepsACall = 1000;
    private const double StepsAPage = 2; // a reference to it, and what is in it

    /// <summary>Runs the check.</summary>
    /// <param name="connection">An open connection, which nothing else uses meanwhile.</param>
    /// <param name="pragma"><c>integrity_check(n)</c> or <c>quick_check(n)</c>: lists n faults at most.</param>
    /// <param name="progress">Told now and then how much is done: from 0 to 1, by the number of pages; 1 only at the end.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>What is wrong; empty if nothing is.</returns>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    /// <exception cref="SqliteException">The file cannot be read.</exception>
    public static IReadOnlyList<string> Run(SqliteConnection connection, string pragma, Action<double>? progress, CancellationToken cancellation)
    {
        long pages = (long)SqliteDatabase.Scalar(connection, "PRAGMA page_count")!, steps = 0;
        raw.sqlite3_progress_handler(
            connection.Handle,
            StepsACall,
            _ =>
            {
                steps += StepsACall;
                progress?.Invoke(Math.Min(0.99, steps / (StepsAPage * pages)));
                return cancellation.IsCancellationRequested ? 1 : 0;
            },
            null);
        try
        {
            using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // only constants
            command.CommandText = $"PRAGMA {pragma}";
#pragma warning restore CA2100
            List<string> faults = [];
            using SqliteDataReader row = command.ExecuteReader();
            while (row.Read())
            {
                if (row.GetString(0) != "ok")
                {
                    faults.Add(row.GetString(0));
                }
            }

            progress?.Invoke(1);
            return faults;
        }
        catch (SqliteException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        finally
        {
            raw.sqlite3_progress_handler(connection.Handle, 0, null, null);
        }
    }
}
