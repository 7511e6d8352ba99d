"""`guildhall up`: the servers and processes of one machine. Nothing imports this package."""
