using Pnl.Rates;

namespace Pnl.Tests.Unit.Stores;

/// <summary>Bars in SQLite.</summary>
public sealed class SqliteSegmentStoreTests : SegmentStoreContract, IAsyncDisposable
{
    private readonly OneDatabase _database = new();

    protected override Task<ISegmentStore> OpenAsync() => Task.FromResult<ISegmentStore>(new SqliteSegmentStore(_database.Shared()));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>Portfolios in SQLite.</summary>
public sealed class SqlitePortfolioStoreTests : PortfolioStoreContract, IAsyncDisposable
{
    private readonly OneDatabase _database = new();

    protected override Task<IPortfolioStore> OpenAsync() => Task.FromResult<IPortfolioStore>(new SqlitePortfolioStore(_database.Shared()));

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}

/// <summary>A database in a folder of its own. One process has it: all that the test opens share it.</summary>
internal sealed class OneDatabase : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pnl-store-");
    private SqliteDatabase? _database;

    public SqliteDatabase Shared() => _database ??= SqliteDatabase.Open(_folder.FullName);

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
