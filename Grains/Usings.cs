global using Orleans;
global using Orleans.Placement;
