using k8s;
using k8s.Models;
using Pnl.Tests.Unit.Architecture;

namespace Pnl.Tests.Operations.Kubernetes;

/// <summary>What an overlay comes to, rendered by kubectl and read strictly: a field that Kubernetes does not know is an error.</summary>
internal sealed class Manifests
{
    private readonly List<object> _objects;

    private Manifests(string yaml) => (Yaml, _objects) = (yaml, KubernetesYaml.LoadAllFromString(yaml, strict: true));

    public string Yaml { get; }

    public IEnumerable<V1Deployment> Deployments => _objects.OfType<V1Deployment>();

    /// <summary>Every pod's template, by the name of what makes it.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Template)> Pods =>
        [.. Deployments.Select(d => (d.Metadata.Name, d.Spec.Template)), .. _objects.OfType<V1StatefulSet>().Select(s => (s.Metadata.Name, s.Spec.Template))];

    /// <summary>Those of them that are ours.</summary>
    public IEnumerable<(string Name, V1PodTemplateSpec Template)> OurPods => Pods.Where(pod => pod.Template.Spec.Containers[0].Image.Contains("orleans-pnl", StringComparison.Ordinal));

    public IEnumerable<T> All<T>() => _objects.OfType<T>();

    /// <summary>Renders a folder of k8s; skips the test where there is no kubectl.</summary>
    public static async Task<Manifests> RenderAsync(string folder)
    {
        (int code, string output, string errors) = await Tool.RunAsync("kubectl", Repository.Root, "kustomize", Path.Combine("k8s", folder));
        Assert.True(code == 0, errors);
        return new(output);
    }

    /// <summary>The same, read again after a change of its text.</summary>
    public static Manifests Read(string yaml) => new(yaml);

    /// <summary>The environment of a container as the process sees it: what comes from a Secret or from the pod is put in by a rule.</summary>
    public Dictionary<string, string> Environment(V1Container container, Func<V1EnvVar, string> from)
    {
        Dictionary<string, string> all = [];
        foreach (V1EnvFromSource source in container.EnvFrom ?? [])
        {
            V1ConfigMap map = All<V1ConfigMap>().Single(m => m.Metadata.Name == source.ConfigMapRef.Name);
            foreach ((string name, string value) in map.Data)
            {
                all[name] = value;
            }
        }

        foreach (V1EnvVar variable in container.Env ?? [])
        {
            all[variable.Name] = variable.Value ?? from(variable);
        }

        return all;
    }
}
