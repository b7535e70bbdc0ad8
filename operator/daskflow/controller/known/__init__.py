"""What the operator knows of objects, from watches and from the answers to its own writes."""
