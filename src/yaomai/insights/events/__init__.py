"""What a procurement or list event puts at risk, and what came of it (F12, N4)."""
