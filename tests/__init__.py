"""Everything that is tried before it is believed."""
