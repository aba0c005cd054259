namespace Pnl.Tests.Acceptance.Programs;

/// <summary>A data folder of its own for a test, gone after it.</summary>
internal sealed class DataFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("pnl-acceptance-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
