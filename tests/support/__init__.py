"""What tests share: real servers, factories, and clients."""
