using Pnl.Tests.Cluster;

// One silo serves every test that does not move the clock or restart it: each has tokens of its own.
[assembly: AssemblyFixture(typeof(PnlCluster))]
