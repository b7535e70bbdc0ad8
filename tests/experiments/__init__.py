"""What users of other operators reported to go wrong, tried on a real cluster: `make experiments`.

The rule behind each is tested where it is cheapest; this is the whole, as the users had it.
"""
