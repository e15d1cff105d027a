"""What effect studies, signals and policy events have in common: registrations, lists, figures."""
