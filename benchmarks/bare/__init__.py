"""The base that screens are measured against: a bare Django view, mounted by the benchmark alone."""
