// What a cluster of Orleans.Pnl runs on: AKS, the storage account that keeps everything, the hub by which rates come, the identity
// by which pods enter both (there is no key and no connection string), and what watches them.
targetScope = 'resourceGroup'

@description('Begins the names of all resources; those that are global end in a hash of the resource group.')
@minLength(2)
@maxLength(9)
param name string = 'pnl'

param location string = resourceGroup().location

@description('Namespace and service account of the pods, as in k8s/overlays/azure.')
param serviceAccount string = 'system:serviceaccount:pnl:pnl'

@description('Nodes at first; the autoscaler adds and takes away.')
@minValue(3)
param nodes int = 3

@minValue(3)
param mostNodes int = 9

param nodeSize string = 'Standard_D4ds_v5'

@description('Zones over which nodes are spread; none where the region has none.')
param zones string[] = ['1', '2', '3']

@description('Days for which the hub keeps events: how long silos may be away without losing rates of producers.')
@minValue(1)
@maxValue(7)
param eventDays int = 7

@description('Megabytes a second that may come in; each bar takes some 50 bytes.')
@minValue(1)
@maxValue(40)
param throughputUnits int = 1

@description('Groups of Azure Monitor that alerts go to, by resource id.')
param actionGroups string[] = []

var unique = '${name}${uniqueString(resourceGroup().id)}'
var subnetName = 'nodes'
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  blobs: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  eventsReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
  eventsSender: '2b629674-e913-4c01-ae53-ef4638d8f975'
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/16'] }
    subnets: [
      {
        name: subnetName
        properties: {
          addressPrefix: '10.20.0.0/20'
          serviceEndpoints: [{ service: 'Microsoft.Storage' }, { service: 'Microsoft.EventHub' }]
        }
      }
    ]
  }

  resource subnet 'subnets' existing = {
    name: subnetName
  }
}

// Bars, portfolios, grain state, membership, landing, checkpoints.
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: unique
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: 'Deny'
      virtualNetworkRules: [{ id: network::subnet.id }]
    }
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 14 }
      containerDeleteRetentionPolicy: { enabled: true, days: 14 }
    }
  }
}

resource events 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: unique
  location: location
  sku: { name: 'Standard', tier: 'Standard', capacity: throughputUnits }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    isAutoInflateEnabled: false
  }

  resource rates 'eventhubs' = {
    name: 'rates'
    properties: {
      partitionCount: 8
      retentionDescription: { cleanupPolicy: 'Delete', retentionTimeInHours: eventDays * 24 }
    }
  }

  resource rules 'networkRuleSets' = {
    name: 'default'
    properties: {
      defaultAction: 'Deny'
      publicNetworkAccess: 'Enabled'
      trustedServiceAccessEnabled: true
      virtualNetworkRules: [{ subnet: { id: network::subnet.id } }]
    }
  }
}

resource images 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: unique
  location: location
  sku: { name: 'Basic' }
  properties: { adminUserEnabled: false }
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${name}-logs'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
  }
}

resource metrics 'Microsoft.Monitor/accounts@2023-04-03' = {
  name: '${name}-metrics'
  location: location
}

resource cluster 'Microsoft.ContainerService/managedClusters@2024-09-01' = {
  name: name
  location: location
  identity: { type: 'SystemAssigned' }
  sku: { name: 'Base', tier: 'Standard' }
  properties: {
    dnsPrefix: name
    enableRBAC: true
    disableLocalAccounts: true
    aadProfile: { managed: true, enableAzureRBAC: true }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    autoUpgradeProfile: { upgradeChannel: 'stable', nodeOSUpgradeChannel: 'NodeImage' }
    networkProfile: {
      networkPlugin: 'azure'
      networkPluginMode: 'overlay'
      networkDataplane: 'cilium'
      networkPolicy: 'cilium'
    }
    agentPoolProfiles: [
      {
        name: 'silos'
        mode: 'System'
        count: nodes
        minCount: nodes
        maxCount: mostNodes
        enableAutoScaling: true
        vmSize: nodeSize
        osSKU: 'AzureLinux'
        availabilityZones: zones
        vnetSubnetID: network::subnet.id
        upgradeSettings: { maxSurge: '1' }
      }
    ]
    addonProfiles: {
      omsagent: { enabled: true, config: { logAnalyticsWorkspaceResourceID: logs.id, useAADAuth: 'true' } }
    }
    azureMonitorProfile: { metrics: { enabled: true } }
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location

  resource pods 'federatedIdentityCredentials' = {
    name: 'pods'
    properties: {
      issuer: cluster.properties.oidcIssuerProfile.issuerURL
      subject: serviceAccount
      audiences: ['api://AzureADTokenExchange']
    }
  }
}

resource storageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.blobs, roles.tables]: {
    name: guid(storage.id, identity.id, role)
    scope: storage
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource eventRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [roles.eventsReceiver, roles.eventsSender]: {
    name: guid(events.id, identity.id, role)
    scope: events
    properties: {
      principalId: identity.properties.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource pullRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(images.id, cluster.id, roles.acrPull)
  scope: images
  properties: {
    principalId: cluster.properties.identityProfile.kubeletidentity.objectId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

// Prometheus, as Azure runs it: collected from the pods' annotations, kept in the workspace, judged by the same rules as elsewhere.
resource collection 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: '${name}-prometheus'
  location: location
  kind: 'Linux'
  properties: {
    dataCollectionEndpointId: endpoint.id
    dataSources: { prometheusForwarder: [{ name: 'prometheus', streams: ['Microsoft-PrometheusMetrics'], labelIncludeFilter: {} }] }
    destinations: { monitoringAccounts: [{ name: 'metrics', accountResourceId: metrics.id }] }
    dataFlows: [{ streams: ['Microsoft-PrometheusMetrics'], destinations: ['metrics'] }]
  }
}

resource endpoint 'Microsoft.Insights/dataCollectionEndpoints@2023-03-11' = {
  name: '${name}-prometheus'
  location: location
  kind: 'Linux'
  properties: {}
}

resource collected 'Microsoft.Insights/dataCollectionRuleAssociations@2023-03-11' = {
  name: '${name}-prometheus'
  scope: cluster
  properties: { dataCollectionRuleId: collection.id }
}

resource alerts 'Microsoft.AlertsManagement/prometheusRuleGroups@2023-03-01' = [
  for group in loadYamlContent('../ops/prometheus/alerts.yml').groups: {
    name: group.name
    location: location
    properties: {
      scopes: [metrics.id]
      clusterName: cluster.name
      enabled: true
      interval: 'PT1M'
      rules: map(group.rules, rule => {
        alert: rule.alert
        expression: rule.expr
        for: 'PT${toUpper(rule.?for ?? '0m')}'
        labels: rule.labels
        annotations: rule.annotations
        severity: rule.labels.severity == 'critical' ? 1 : 2
        actions: map(actionGroups, id => { actionGroupId: id })
      })
    }
  }
]

output clusterName string = cluster.name
output registry string = images.properties.loginServer
@description('Of the annotation azure.workload.identity/client-id.')
output clientId string = identity.properties.clientId
@description('Pnl__AzureStorage__ServiceUri.')
output storageServiceUri string = storage.properties.primaryEndpoints.blob
@description('Pnl__EventHubs__Namespace.')
output eventHubsNamespace string = '${events.name}.servicebus.windows.net'
@description('Pnl__EventHubs__Hub.')
output eventHub string = events::rates.name
