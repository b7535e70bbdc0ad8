"""The talk with the API server: verbs, kinds, HTTP, watches, kopf, Events.

It knows what an object is to Kubernetes, and nothing of what becomes of one: it fills a `watch.Cache`. It
imports no other room of the controller.
"""
