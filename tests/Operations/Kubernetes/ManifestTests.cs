using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using Microsoft.Extensions.Configuration;
using Pnl.Silo;

namespace Pnl.Tests.Operations.Kubernetes;

/// <summary>The manifests against the schemas of Kubernetes and against the code that they start.</summary>
public sealed partial class ManifestTests
{
    private const string PodAddress = "10.1.2.3";

    public static TheoryData<string> Every => ["single", "overlays/local", "overlays/azure", "overlays/azure-tls"];

    public static TheoryData<string> Clusters => ["overlays/local", "overlays/azure", "overlays/azure-tls"];

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Kubernetes_knows_every_field(string folder)
    {
        Manifests manifests = await Manifests.RenderAsync(folder);
        Assert.NotEmpty(manifests.OurPods);
        string misspelt = manifests.Yaml.Replace("terminationGracePeriodSeconds:", "terminationGracePeriodSecond:", StringComparison.Ordinal);
        Assert.NotEqual(manifests.Yaml, misspelt);
        Assert.ThrowsAny<Exception>(() => Manifests.Read(misspelt));
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task No_pod_may_more_than_it_must(string folder)
    {
        foreach ((string name, V1PodTemplateSpec template) in (await Manifests.RenderAsync(folder)).Pods)
        {
            V1PodSpec pod = template.Spec;
            Assert.True(pod.AutomountServiceAccountToken == false, name);
            Assert.True(pod.SecurityContext.RunAsNonRoot == true && pod.SecurityContext.RunAsUser > 0, name);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.True(pod.HostNetwork is null && pod.HostPID is null && pod.Volumes?.All(volume => volume.HostPath is null) != false, name);
            foreach (V1Container container in pod.Containers)
            {
                Assert.True(container.SecurityContext is { AllowPrivilegeEscalation: false, ReadOnlyRootFilesystem: true, Privileged: not true }, name);
                Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
                Assert.True(container.Resources.Requests.ContainsKey("cpu") && container.Resources.Requests.ContainsKey("memory"), name);
                Assert.True(container.Resources.Limits.ContainsKey("memory") && !container.Resources.Limits.ContainsKey("cpu"), name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task No_secret_is_in_plain_text(string folder)
    {
        Manifests manifests = await Manifests.RenderAsync(folder);
        Assert.Empty(manifests.All<V1Secret>());
        Assert.DoesNotMatch(SecretText(), manifests.Yaml);
        foreach (V1EnvVar variable in manifests.Pods.SelectMany(pod => pod.Template.Spec.Containers).SelectMany(container => container.Env ?? []).Where(v => SecretName().IsMatch(v.Name)))
        {
            Assert.NotNull(variable.ValueFrom?.SecretKeyRef);
        }

        Assert.DoesNotContain(manifests.All<V1ConfigMap>().SelectMany(map => map.Data.Keys), name => SecretName().IsMatch(name));
    }

    [Theory]
    [InlineData("value: AccountKey=abc", true)]
    [InlineData("Endpoint=sb://x/;SharedAccessKey=abc", true)]
    [InlineData("password: hunter2", true)]
    [InlineData("key: connection-string", false)]
    [InlineData("Pnl__AzureStorage__ServiceUri: https://pnlexample.blob.core.windows.net", false)]
    [InlineData("https://pnl.blob.core.windows.net/landing?sv=2024&sig=abc", true)]
    public void What_counts_as_a_secret(string line, bool counts) => Assert.Equal(counts, SecretText().IsMatch(line));

    [Theory]
    [MemberData(nameof(Every))]
    public async Task The_code_takes_the_settings_and_ends_in_time(string folder)
    {
        Manifests manifests = await Manifests.RenderAsync(folder);
        foreach ((string name, V1PodTemplateSpec template) in manifests.OurPods)
        {
            V1Container container = Assert.Single(template.Spec.Containers);
            PnlSettings settings = Read(manifests, container);
            Assert.True(template.Spec.TerminationGracePeriodSeconds > (settings.Drain + settings.ShutdownLimit).TotalSeconds, $"{name} is killed before it has ended");
            if (name != "pnl")
            {
                Assert.Equal((150, 120), (template.Spec.TerminationGracePeriodSeconds, (settings.Drain + settings.ShutdownLimit).TotalSeconds));
                Assert.Equal((Profile.Cluster, name == "pnl-silo" ? Role.Silo : Role.Gateway), (settings.Profile, settings.Role));
            }

            // What is not ours is set for the runtime, and named here.
            Assert.All(manifests.Environment(container, _ => "").Keys, variable => Assert.True(variable.StartsWith("Pnl__", StringComparison.Ordinal) || variable == "DOTNET_EnableDiagnostics", variable));
        }
    }

    [Fact]
    public async Task A_setting_that_the_code_does_not_know_would_be_seen()
    {
        Manifests manifests = await Manifests.RenderAsync("overlays/local");
        Manifests misspelt = Manifests.Read(manifests.Yaml.Replace("Pnl__DrainSeconds", "Pnl__DrainSecond", StringComparison.Ordinal));
        SettingsException e = Assert.Throws<SettingsException>(() => Read(misspelt, misspelt.OurPods.First().Template.Spec.Containers[0]));
        Assert.Contains("DrainSecond", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public async Task Ports_agree_with_the_settings(string folder)
    {
        Manifests manifests = await Manifests.RenderAsync(folder);
        foreach ((string name, V1PodTemplateSpec template) in manifests.OurPods)
        {
            V1Container container = template.Spec.Containers[0];
            Dictionary<string, int> ports = container.Ports.ToDictionary(port => port.Name, port => port.ContainerPort);
            PnlSettings settings = Read(manifests, container);
            Assert.Equal(HttpPort(container), ports["http"]);
            Assert.Equal(settings.MetricsPort, ports["metrics"]);
            Assert.Equal(ports["metrics"].ToString(CultureInfo.InvariantCulture), template.Metadata.Annotations["prometheus.io/port"]);
            if (settings.Role == Role.Silo)
            {
                Assert.Equal((settings.SiloPort, settings.GatewayPort), (ports["silo"], ports["gateway"]));
                Assert.Equal(PodAddress, settings.Cluster.AdvertisedAddress.ToString());
            }

            // Who may come in comes to a port that is there, and each port may be come to, but for a silo's own HTTP: it is asked by the node and by a port-forward.
            V1NetworkPolicy policy = Assert.Single(manifests.All<V1NetworkPolicy>(), p => Selects(p.Spec.PodSelector, template));
            Assert.Equal(["Ingress", "Egress"], policy.Spec.PolicyTypes);
            IEnumerable<int> open = policy.Spec.Ingress.SelectMany(rule => rule.Ports).Select(port => int.Parse(port.Port.Value, CultureInfo.InvariantCulture));
            Assert.Equal(ports.Values.Except(settings.Role == Role.Silo ? [ports["http"]] : []).Order(), open.Order());
            foreach (V1Probe probe in (V1Probe[])[container.StartupProbe, container.ReadinessProbe, container.LivenessProbe])
            {
                Assert.Equal("http", probe.HttpGet.Port.Value);
            }
        }

        V1Service service = Assert.Single(manifests.All<V1Service>(), s => s.Metadata.Name == "pnl");
        V1PodTemplateSpec behind = Assert.Single(manifests.OurPods, pod => service.Spec.Selector.All(pod.Template.Metadata.Labels.Contains)).Template;
        Assert.Contains(behind.Spec.Containers[0].Ports, port => port.Name == Assert.Single(service.Spec.Ports).TargetPort.Value);
        Assert.Equal("ClusterIP", service.Spec.Type ?? "ClusterIP"); // there is no access control yet
    }

    [Theory]
    [MemberData(nameof(Every))]
    public async Task Liveness_depends_on_nothing_and_readiness_asks(string folder)
    {
        foreach ((_, V1PodTemplateSpec template) in (await Manifests.RenderAsync(folder)).OurPods)
        {
            V1Container container = template.Spec.Containers[0];
            Assert.Equal(("/health/live", "/health/ready"), (container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
            Assert.NotNull(container.StartupProbe);
        }
    }

    [Theory]
    [MemberData(nameof(Clusters))]
    public async Task A_rollout_takes_none_away_before_another_answers(string folder)
    {
        Manifests manifests = await Manifests.RenderAsync(folder);
        Assert.Equal(["pnl-gateway", "pnl-silo"], manifests.Deployments.Select(d => d.Metadata.Name).Order());
        foreach (V1Deployment deployment in manifests.Deployments)
        {
            Assert.Equal(("0", "1"), (deployment.Spec.Strategy.RollingUpdate.MaxUnavailable.Value, deployment.Spec.Strategy.RollingUpdate.MaxSurge.Value));
            Assert.Equal(30, deployment.Spec.MinReadySeconds);
            Assert.Null(deployment.Spec.Replicas); // the autoscaler's to say: else each rollout would take its word back
            V2HorizontalPodAutoscaler scaler = Assert.Single(manifests.All<V2HorizontalPodAutoscaler>(), s => s.Spec.ScaleTargetRef.Name == deployment.Metadata.Name);
            Assert.True(scaler.Spec.MinReplicas > 1 && scaler.Spec.MaxReplicas > scaler.Spec.MinReplicas);
            V1PodDisruptionBudget budget = Assert.Single(manifests.All<V1PodDisruptionBudget>(), b => Selects(b.Spec.Selector, deployment.Spec.Template));
            Assert.Equal("1", budget.Spec.MaxUnavailable.Value);
            Assert.Equal(
                ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
                deployment.Spec.Template.Spec.TopologySpreadConstraints.Where(spread => Selects(spread.LabelSelector, deployment.Spec.Template)).Select(spread => spread.TopologyKey).Order());
            Assert.True(Selects(deployment.Spec.Selector, deployment.Spec.Template));
        }
    }

    [Fact]
    public async Task In_Azure_everything_is_entered_by_workload_identity()
    {
        Manifests manifests = await Manifests.RenderAsync("overlays/azure");
        V1ServiceAccount account = Assert.Single(manifests.All<V1ServiceAccount>());
        Assert.True(Guid.TryParse(account.Metadata.Annotations["azure.workload.identity/client-id"], out _));
        Assert.All(manifests.OurPods, pod => Assert.Equal(("true", account.Metadata.Name), (pod.Template.Metadata.Labels["azure.workload.identity/use"], pod.Template.Spec.ServiceAccountName)));
        Assert.DoesNotContain(manifests.OurPods.SelectMany(pod => pod.Template.Spec.Containers[0].Env), variable => variable.ValueFrom?.SecretKeyRef is { Name: not "pnl-access" });
    }

    [Fact]
    public async Task With_TLS_every_process_of_ours_reads_its_certificate_from_a_secret()
    {
        Manifests manifests = await Manifests.RenderAsync("overlays/azure-tls");
        foreach ((string name, V1PodTemplateSpec template) in manifests.OurPods)
        {
            V1Container container = template.Spec.Containers[0];
            TlsSettings tls = Read(manifests, container).Tls!;
            V1VolumeMount mount = Assert.Single(container.VolumeMounts, m => m.Name == "tls");
            V1SecretVolumeSource secret = Assert.Single(template.Spec.Volumes, v => v.Name == "tls").Secret;
            Assert.All((string?[])[tls.Certificate, tls.Key, tls.Authority], file => Assert.StartsWith(mount.MountPath + "/", file, StringComparison.Ordinal));
            Assert.True(mount.ReadOnlyProperty == true && mount.SubPath is null, name); // a part of a volume is never renewed
            Assert.Equal(("pnl-tls", 288, template.Spec.SecurityContext.RunAsGroup), (secret.SecretName, secret.DefaultMode, template.Spec.SecurityContext.FsGroup)); // 0440
        }
    }

    private static bool Selects(V1LabelSelector selector, V1PodTemplateSpec template) => selector.MatchLabels.All(template.Metadata.Labels.Contains);

    private static int HttpPort(V1Container container) => int.Parse(
        Port().Match(Assert.Single(container.Args, argument => argument.StartsWith("--urls=", StringComparison.Ordinal))).Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>Reads a container's settings as the program does: its own file, the environment, the arguments.</summary>
    private static PnlSettings Read(Manifests manifests, V1Container container)
    {
        Dictionary<string, string> environment = manifests.Environment(container, variable => variable switch
        {
            { ValueFrom.FieldRef.FieldPath: "status.podIP" } => PodAddress,
            { ValueFrom.SecretKeyRef.Key: "connection-string" } =>
                "DefaultEndpointsProtocol=http;AccountName=pnl;AccountKey=AAAA;BlobEndpoint=http://azurite:10000/pnl;TableEndpoint=http://azurite:10002/pnl;",
            { ValueFrom.SecretKeyRef: { Name: "pnl-access", Key: "adminKeyHash" } } => new string('a', 64),
            _ => throw new InvalidOperationException($"what {variable.Name} comes from is not known here"),
        });
        return PnlSettings.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(environment.Select(pair => KeyValuePair.Create(pair.Key.Replace("__", ":", StringComparison.Ordinal), (string?)pair.Value)))
            .AddCommandLine([.. container.Args ?? []])
            .AddInMemoryCollection([new("Pnl:DataDirectory", Path.Combine(AppContext.BaseDirectory, "data"))])
            .Build());
    }

    [GeneratedRegex(@"(AccountKey|SharedAccessKey|SharedAccessSignature|password|passwd|apikey)\s*[=:]\s*\S|[?&]sig=|-----BEGIN", RegexOptions.IgnoreCase)]
    private static partial Regex SecretText();

    [GeneratedRegex("ConnectionString|ApiKey|Password|Secret|AZURITE_ACCOUNTS", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@":(\d+)$")]
    private static partial Regex Port();
}
