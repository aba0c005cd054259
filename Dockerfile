# The program of silos and of gateways: the setting Pnl:Role says which it is. The tests carry out the publish and the entry point
# of this file without an engine of containers, as an unprivileged user with a read-only root: tests/Acceptance/Image.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The page's chart comes by npm.
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish Silo -c Release -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
# On one machine everything is kept here; in a cluster nothing is.
RUN install -d -o $APP_UID -g $APP_UID /data
VOLUME /data
ENV Urls=http://*:8080 Pnl__DataDirectory=/data DOTNET_EnableDiagnostics=0
# HTTP; Prometheus where Pnl:MetricsPort says so; silos and their clients where Pnl:SiloPort and Pnl:GatewayPort do.
EXPOSE 8080 9464 11111 30000
USER $APP_UID
ENTRYPOINT ["dotnet", "Orleans.Pnl.Silo.dll"]
