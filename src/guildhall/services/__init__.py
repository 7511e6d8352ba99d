"""Services that are deployable on their own, with no Django app inside."""
