"""Places and rights: organizations, their projects and objects, roles, invites, teams, and the policy table."""
