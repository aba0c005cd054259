using Azure;
using Azure.Data.Tables;

namespace Pnl.Rates;

/// <summary>One row to be written.</summary>
/// <param name="Row">The row; its property <see cref="Mark"/> says by which write it came.</param>
/// <param name="ExpectedETag">The version that it replaces; null if the row must not exist.</param>
/// <param name="Unconditional">Whether it is written whatever is there.</param>
internal sealed record TableWrite(TableEntity Row, ETag? ExpectedETag, bool Unconditional = false)
{
    /// <summary>The property that names the write.</summary>
    public const string Mark = "Write";

    private const int BytesARow = 1500;

    /// <summary>Completes with the row's new version when it is durable; fails with <see cref="StoreConflictException"/> if another came first.</summary>
    public TaskCompletionSource<ETag> Durable { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>About how many bytes it takes in a request: rows go as JSON, bytes in base 64.</summary>
    public int Bytes { get; } = BytesARow + ((IDictionary<string, object>)Row).Values.Sum(value => value switch
    {
        byte[] bytes => bytes.Length * 4 / 3,
        string text => text.Length * 2,
        _ => 0,
    });

    public TableTransactionAction Action => new(
        Unconditional ? TableTransactionActionType.UpsertReplace : ExpectedETag is null ? TableTransactionActionType.Add : TableTransactionActionType.UpdateReplace, Row, ExpectedETag ?? default);
}
