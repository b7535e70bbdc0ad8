"""The life of each kind as a pure function: (resource, observed children, now) -> Plan.

Nothing in here reads a clock, an API or chance; what a plan says happens in `controller.apply`.
"""
