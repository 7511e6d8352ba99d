"""The pages' forms. What is acceptable is decided by the services, whose findings are shown beside the fields."""
