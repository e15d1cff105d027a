"""What to expect of each customer: value, next order, loss (J8, J9)."""
