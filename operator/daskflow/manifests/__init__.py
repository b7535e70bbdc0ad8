"""Pure builders of child objects: what the operator asks the API server to create, as plain data."""
