using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Pnl.Tests.Acceptance.Programs;

/// <summary>The files, pipes and connections that a process has open, and how many it may, on Linux.</summary>
internal static class OpenFiles
{
    /// <summary>How many it has.</summary>
    public static int Of(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    /// <summary>How many it could let itself have; empty if it has ended.</summary>
    public static string Most(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>Sets how many it may have; the most that it could set itself stays. False if there is no prlimit.</summary>
    public static bool Limit(int process, int files) => Limit(process, files.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same, with a number as text.</summary>
    public static bool Limit(int process, string files)
    {
        try
        {
            using Process run = Process.Start(new ProcessStartInfo("prlimit", ["--pid", process.ToString(CultureInfo.InvariantCulture), $"--nofile={files}:"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            run.WaitForExit();
            return run.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
