"""The audit log: who did what, when and from where. Append-only; services record in the transaction of the change."""
