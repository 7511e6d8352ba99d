"""What comes by HTTP and out of files: how it is read, whose it is, and how it is stored."""
