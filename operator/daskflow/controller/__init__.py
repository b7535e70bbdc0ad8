"""The only room with side effects: it watches, plans what changed, and applies the plan.

From bottom to top: `kinds` and `api` (what an API server is to us), `kubernetes_api` (the real one),
`store` (what is known), `queue` (what is to be looked at), `apply` (a Plan meets the API), `reconcile`
(plan, apply, plan again), `watch` and `custom_resources` (who feeds store and queue), `control` and
`progress` (what the schedulers of running flows say), `clock_watch`, `metrics`, `main`.
"""
