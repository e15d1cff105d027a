"""Evaluations of a period, the improvements they ask for, their re-checks, and reviews of strategy after events."""
