"""Target hospitals: where to go next (A18, N10)."""
