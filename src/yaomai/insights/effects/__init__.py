"""Did it help? Studies of a change against those without it (J10-J14)."""
