namespace Pnl.Tests.Acceptance.Cluster;

/// <summary>A query got no answer: its status is not 200, which is another thing than an answer that is wrong.</summary>
public sealed class NotAnsweredException(string message) : Exception(message);
