"""The tracker an organization works from: tasks, comments, tags, templates, their history and their mails."""
