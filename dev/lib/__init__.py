"""The developer's tools: standard library only, since they prepare everything else."""
