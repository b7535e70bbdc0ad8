"""The talk with the API server: verbs, kinds, HTTP, watches, kopf, Events.

verbs            what an API server is to the operator; kinds, where it keeps each kind
fenced           writes of those who lead only
http             it is spoken to; bounded_reads, what it says is bounded
watch            lists and watches that fill a cache
  custom_resources, kopf_session   kopf watches the custom resources
  objects, decoding              what comes as JSON, object by object
events           Events for users, in the background
terminating_namespaces   where nothing can be made any more
reach            which namespaces of a list can be looked after
definitions      whether the installed CRDs know all that is written
root_key         the operator's one Secret

It knows what an object is to Kubernetes, and nothing of what becomes of one: it fills a `watch.Cache`. It
imports no other room of the controller.
"""
