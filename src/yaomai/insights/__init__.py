"""What will happen, and where to go next: target hospitals from regional growth and product match, customer value."""
