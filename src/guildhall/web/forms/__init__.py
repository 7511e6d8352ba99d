"""What the pages' forms look like. What is acceptable is decided by the services; their findings are shown in the form."""
