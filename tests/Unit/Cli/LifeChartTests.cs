using Pnl.Cli.Show;

namespace Pnl.Tests.Unit.Cli;

public sealed class LifeChartTests
{
    [Fact]
    public void A_rise_goes_from_the_lower_left_to_the_upper_right()
    {
        string[] lines = LifeChart.Draw([0, 300, 600], [1m, 2m, 3m], 3, 2);
        Assert.Equal(2, lines.Length);
        Assert.Equal(0x40, lines[1][0] & 0x40); // the lowest dot on the left
        Assert.Equal(0x08, lines[0][2] & 0x08); // the highest on the right
        Assert.Equal("⠀", lines[0][..1]);
        Assert.Equal("⠀", lines[1][2..]);
    }

    [Fact]
    public void A_flat_series_and_a_single_point_have_a_place() =>
        Assert.All(
            [LifeChart.Draw([0, 300], [5m, 5m], 4, 3), LifeChart.Draw([0], [5m], 4, 3)],
            lines =>
            {
                Assert.Equal(3, lines.Length);
                Assert.All(lines, line => Assert.Equal(4, line.Length));
                Assert.Contains(lines, line => line.Any(c => c != '⠀'));
            });

    [Fact]
    public void Nothing_is_drawn_of_nothing() => Assert.Empty(LifeChart.Draw([], [], 10, 5));

    [Fact]
    public void Rates_over_orders_of_magnitude_are_drawn_on_a_logarithmic_scale()
    {
        Assert.False(LifeChart.IsLogarithmic(1m, 20m));
        Assert.True(LifeChart.IsLogarithmic(0.000116m, 77.56m));
        // 1, 10, 100: the middle one stands in the middle.
        string[] lines = LifeChart.Draw([0, 300, 600], [1m, 10m, 100m], 3, 3);
        Assert.NotEqual('⠀', lines[1][1]);
    }
}
