using CsCheck;
using Pnl.Rates;
using Pnl.Tests.Core.History;

namespace Pnl.Tests.Unit.Landing;

public sealed class ColumnIngestTests
{
    [Fact]
    public void Columns_give_the_same_bytes_and_counts_as_bars_over_whatever_is_known() =>
        Gen.Select(AnyHistory.Bars, AnyHistory.Stagger, Gen.Int[0, int.MaxValue]).Sample((bars, stagger, seed) =>
        {
            Random random = new(seed);
            DecimalColumn rates = DecimalColumn.Of([.. bars.Select(bar => bar.Rate)]);
            if (rates.Mantissas is null)
            {
                return; // such go bar by bar
            }

            BarColumns columns = new(bars.Select(bar => bar.Slot).ToArray(), rates.Mantissas, rates.Scale);
            Bar[] known = [.. bars.Where(_ => random.Next(3) == 0).Select(bar => random.Next(4) == 0 ? bar with { Rate = 4_711m } : bar)];
            (KeptToken one, KeptToken other) = (KeptToken.Of(known, stagger), KeptToken.Of(known, stagger));

            HistoryChange byBar = one.Take(bars), byColumn = other.Take(columns);

            IngestTests.Same(one, other);
            Assert.Equal((byBar.Accepted, byBar.Unchanged, byBar.Corrected), (byColumn.Accepted, byColumn.Unchanged, byColumn.Corrected));
        }, iter: 200);
}
