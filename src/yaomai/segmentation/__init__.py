"""Who matters, and why: tier schemes, runs, tiers from–to, explanations, simulation."""

KIND = "segmentation.tiers"
"""The kind of run that computes tiers."""
