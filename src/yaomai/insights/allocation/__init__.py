"""Where the next visit, representative or yuan brings most (J16)."""
