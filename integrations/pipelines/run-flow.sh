#!/bin/sh
# Applies a FlowRun and waits for its end. The exit code tells how it ended: 0 succeeded, 1 failed or cancelled,
# 2 not begun. Standard output is the flow's result as JSON. Whatever ends this before it cancels the run.
# usage: TIMEOUT=1h sh run-flow.sh run.yaml
set -eu

# Told before anything is made: the namespace of each FlowRun, of which there has to be one.
flowruns='{{define "run"}}{{if eq .kind "FlowRun"}}{{.metadata.namespace}}{{"\n"}}{{end}}{{end}}'
flowruns=$flowruns'{{if .items}}{{range .items}}{{template "run" .}}{{end}}{{else}}{{template "run" .}}{{end}}'
namespace=$(kubectl apply --dry-run=client --output=go-template="$flowruns" --filename="$1") || exit 2
case $namespace in
    "" | *[!a-z0-9-]*) echo "the manifest: exactly one FlowRun is needed; give each a step of its own" >&2; exit 2 ;;
esac
kubectl() { command kubectl --namespace="$namespace" "$@"; }
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
