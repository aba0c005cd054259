using System.Reflection;
using System.Runtime.CompilerServices;

namespace Pnl.Silo;

/// <summary>
/// Loads what the process will need while it can. Left to the first use, a library that cannot be opened then, because there are no
/// descriptors left, makes the type that needs it fail for as long as the process lives.
/// </summary>
internal static class LoadedAtStart
{
    private const string Ours = "Pnl";

    /// <summary>Loads all that our libraries refer to, directly or not, and makes our types ready.</summary>
    public static void All()
    {
        Dictionary<string, Assembly> loaded = new(StringComparer.Ordinal);
        Queue<Assembly> next = new([typeof(LoadedAtStart).Assembly]);
        while (next.TryDequeue(out Assembly? assembly))
        {
            if (!loaded.TryAdd(assembly.GetName().Name!, assembly))
            {
                continue;
            }

            foreach (AssemblyName name in assembly.GetReferencedAssemblies())
            {
                if (!loaded.ContainsKey(name.Name!) && Find(name) is { } found)
                {
                    next.Enqueue(found);
                }
            }
        }

        foreach (Type type in loaded.Values.Where(assembly => IsOurs(assembly.GetName().Name!)).SelectMany(assembly => assembly.GetTypes()))
        {
            if (!type.ContainsGenericParameters)
            {
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
        }
    }

    private static bool IsOurs(string name) => name == Ours || name.StartsWith(Ours + ".", StringComparison.Ordinal);

    // Some libraries refer to what is not there, for features that are not used.
    private static Assembly? Find(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }
}
