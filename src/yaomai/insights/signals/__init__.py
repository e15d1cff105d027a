"""What is odd in a month of sales flow."""
