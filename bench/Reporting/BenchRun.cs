using System.Diagnostics;

namespace Pnl.Bench.Reporting;

/// <summary>What rows are given: a folder for temporary files, a log, and a place for the peers' queries.</summary>
internal sealed class BenchRun : IDisposable
{
    private readonly List<(string Title, string Text)> _explained = [];

    /// <summary>Removed in the end.</summary>
    public DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("pnl-bench-");

    public IReadOnlyList<(string Title, string Text)> Explained => _explained;

    public string NewPath(string name) => Path.Combine(Folder.FullName, Guid.NewGuid().ToString("n")[..8] + name);

    /// <summary>Progress, on the error stream: the report itself may be piped.</summary>
    public static void Log(string line) => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}");

    /// <summary>Keeps a query or a command for <c>--explain</c>.</summary>
    public void Explain(string title, string text)
    {
        if (!_explained.Any(e => e.Title == title))
        {
            _explained.Add((title, text.Trim()));
        }
    }

    public void Dispose()
    {
        try
        {
            Folder.Delete(recursive: true);
        }
        catch (IOException e)
        {
            Debug.WriteLine(e); // a peer still holds a file; the system clears its temporary folder
        }
    }
}
