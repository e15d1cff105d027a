"""What happens between us and our customers: the five stages of each key account."""
