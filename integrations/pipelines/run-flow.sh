#!/bin/sh
# Applies a FlowRun and waits for its end. The exit code tells how it ended: 0 succeeded, 1 failed or cancelled,
# 2 not begun. Standard output is the flow's result as JSON. Whatever ends this before it cancels the run.
# usage: TIMEOUT=1h sh run-flow.sh run.yaml
set -eu

run=$(kubectl apply --output=name --filename="$1" | grep '^flowrun') || exit 2
over=
finish() {
    [ -n "$over" ] || kubectl patch "$run" --type=merge --patch='{"spec":{"cancel":true}}' >&2
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
field() { kubectl get "$run" --output=jsonpath="{.status.$1}"; }
# A list of one, as JSON; jsonpath alone would print a text as it is, with its ends of line.
one() { sed 's/^ *//' | tr -d '\n' | sed 's/^\[//; s/]$//'; }
result() { kubectl get "$run" --output=jsonpath-as-json='{.status.result}' | one; }

# In the background: a shell hears a signal only when what it waits for may be interrupted.
kubectl wait "$run" --for=jsonpath='{.status.completionTime}' --timeout="${TIMEOUT:-1h}" >&2 &
wait $!
over=yes
echo "$run: $(field phase) $(field reason): $(field message)" >&2
result
[ "$(field phase)" = Succeeded ]
