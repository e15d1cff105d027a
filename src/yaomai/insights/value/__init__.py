"""Customer value reports: what each customer is worth, and what to do next (N1)."""
