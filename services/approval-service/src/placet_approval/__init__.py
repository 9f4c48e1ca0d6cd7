"""approval-service: people, their roles and tokens; policies, sign-offs and the gate."""
