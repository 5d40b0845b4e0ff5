"""What scripts/endure is made of: the load, the listeners, and what is right and wrong."""
