"""The talk with the API server: verbs, kinds, HTTP, watches, kopf, Events."""
