"""Who meets whom, and when: what customers are owed, the calendars of those who owe it, and the plan that brings both together."""
