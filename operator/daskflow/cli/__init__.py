"""The command `daskflow`. Knows the API's models and the runtime; nothing of the operator."""
