"""The real operator as the simulation runs it, on a connection that is slow, fails and loses news."""
