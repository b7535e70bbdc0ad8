#!/bin/sh
# Applies a FlowRun and waits for its end. The exit code tells how it ended: 0 succeeded, 1 failed or cancelled,
# 2 not begun. Standard output is the flow's result as JSON. Whatever ends this before it cancels the run.
# usage: TIMEOUT=1h sh run-flow.sh run.yaml
set -eu

TIMEOUT=${TIMEOUT:-1h}
case $TIMEOUT in
    "" | *[!0-9hms]* | *[!0-9][!0-9]* | *[0-9]) echo "TIMEOUT: write for example 90s, 30m or 1h30m" >&2; exit 2 ;;
esac

# Told before anything is made: the namespace of each FlowRun, of which there has to be one.
flowruns='{{define "run"}}{{if eq .kind "FlowRun"}}{{.metadata.namespace}}{{"\n"}}{{end}}{{end}}'
flowruns=$flowruns'{{if .items}}{{range .items}}{{template "run" .}}{{end}}{{else}}{{template "run" .}}{{end}}'
namespace=$(kubectl apply --dry-run=client --output=go-template="$flowruns" --filename="$1") || exit 2
case $namespace in
    "" | *[!a-z0-9-]*) echo "the manifest: exactly one FlowRun is needed; give each a step of its own" >&2; exit 2 ;;
esac
kubectl() { command kubectl --namespace="$namespace" "$@"; }
run=$(kubectl apply --output=name --filename="$1" | grep '^flowrun') || exit 2
end=$(($(date +%s) + $(echo "$TIMEOUT" | sed 's/h/*3600+/; s/m/*60+/; s/s/+/; s/$/0/')))
over=
finish() {
    for try in 1 2 3; do
        [ -n "$over" ] || kubectl patch "$run" --type=merge --patch='{"spec":{"cancel":true}}' >&2 || { sleep 1; continue; }
        break
    done
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# An API server that is away is asked again until the time is over.
pause() { sleep 2 & wait $!; [ "$(date +%s)" -lt "$end" ]; }
left() { at=$((end - $(date +%s))); echo $((at > 60 ? 60 : at > 0 ? at : 0))s; }
field() { until kubectl get "$run" --output=jsonpath="{.status.$1}"; do pause; done; }
# A list of one, as JSON; jsonpath alone would print a text as it is, with its ends of line.
one() { sed 's/^ *//' | tr -d '\n' | sed 's/^\[//; s/]$//'; }
result() { until kubectl get "$run" --output=jsonpath-as-json='{.status.result}'; do pause; done | one; }

# A minute at a time, for a FlowRun that is deleted would be waited for to the end. In the background: a shell
# hears a signal only when what it waits for may be interrupted.
until kubectl wait "$run" --for=jsonpath='{.status.completionTime}' --timeout="$(left)" > /dev/null 2>&1 & wait $!; do
    if there=$(kubectl get "$run" --ignore-not-found --output=name) && [ -z "$there" ]; then
        over=yes
        echo "$run: it was deleted before its end" >&2
        exit 1
    fi
    pause || { echo "$run: it has not ended within $TIMEOUT" >&2; exit 1; }
done
over=yes
echo "$run: $(field phase) $(field reason): $(field message)" >&2
result
[ "$(field phase)" = Succeeded ]
