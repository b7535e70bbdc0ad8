# Everything from a bare machine: `make demo`. All targets can be called again at any time.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLUSTER := $(BIN)/python -m tests.cluster
IN := tests/cluster/in

OPERATOR_IMAGE := docker.io/local/daskflow-operator
NAMESPACE := daskflow-system
IMAGES ?= demo
UPGRADE ?= --upgrade
# Tests need it; beside the operator of dask-kubernetes it has to be false.
DASK_KUBERNETES ?= true

.PHONY: help venv environments cluster simulated images install run crds manifests lock demo test test-newest test-pythons test-release lint pure unit simulate mutants experiments chart-test zipapp release-files bench scale runtime kills takeover down clean

help:  ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

venv: $(VENV)/installed  ## the Python environment of development and tests

PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Exactly what is locked, so made from nothing each time.
$(VENV)/locked: locks/development.txt
	@$(PYTHON) -m venv --clear $(VENV) || \
	    { echo "Please install Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PIP_INSTALL) --require-hashes --only-binary :all: -r locks/development.txt
	@touch $@

# The sources are installed as links to themselves.
$(VENV)/installed: $(VENV)/locked pyproject.toml
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

environments: venv  ## Pythons with Prefect and with the oldest Dask, for tests/runtime
	@$(BIN)/python -m tests.runtime.environments

.PHONY: browser pictures
browser: venv  ## a browser without a window, for tests of the page of daskflow ui
	@$(BIN)/python -m tests.ui.browser

pictures: browser  ## make the pictures of docs/ui.md; run what docs/report.md reads, with its picture
	$(BIN)/python -m tests.ui.pictures docs/pictures
	$(BIN)/python -m tests.runtime.local.report_page

cluster: venv  ## a Kubernetes to work with: given (DASKFLOW_KUBECONFIG), kind's, or our own
	@$(CLUSTER) up

simulated: venv  ## the same with 20 simulated nodes, for scale
	@$(CLUSTER) up --simulated

images: venv  ## build the images and load them into the cluster; IMAGES=all: those of the tests too
	@$(CLUSTER) up --images $(IMAGES)

install: images  ## install or upgrade the operator in the cluster
	@# The tag stays the same, so an annotation says whether there is anything new to roll out. Definitions that
	@# somebody has applied by kubectl are the chart's again.
	$(IN) helm upgrade --install daskflow charts/daskflow --namespace $(NAMESPACE) --create-namespace \
	    --set image.repository=$(OPERATOR_IMAGE),image.tag=dev,daskKubernetes.enabled=$(DASK_KUBERNETES) \
	    --set-string "podAnnotations.daskflow\.dev/image=$$($(CLUSTER) image-key operator:dev)" \
	    --force-conflicts --wait --timeout 2m

run: install  ## run the operator from the sources, in place of the installed one
	$(IN) kubectl scale --namespace $(NAMESPACE) deployment/daskflow --replicas 0
	$(IN) $(BIN)/python -m daskflow.controller

crds: venv  ## make crds/ and the generated pages of docs/ from the models
	$(BIN)/python -m daskflow.api.crd crds
	$(BIN)/python -m daskflow.api.dask_kubernetes.crd crds/dask-kubernetes
	$(BIN)/python -m daskflow.api.reference docs
	$(BIN)/python -m daskflow.cli.reference docs
	$(BIN)/python -m daskflow.cli.verification.reference docs
	$(BIN)/python -m daskflow.controller.metrics.reference docs
	$(BIN)/python -m integrations.models

manifests: cluster  ## make deploy/, for kubectl apply -k, from the chart
	$(IN) $(BIN)/python -m tests.chart.manifests deploy

lock: venv  ## lock the newest of all Python packages; with UPGRADE= only what an input changed
	$(BIN)/python -m locks $(UPGRADE)

demo: install  ## from a bare machine to a flow's result
	@$(IN) $(BIN)/python -m tests.demo

lint: venv
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

pure: venv  ## tests that need neither Dask processes nor a cluster, on all cores
	$(BIN)/python -m tests.twice --numprocesses auto tests/unit tests/simulation tests/cluster tests/monitoring tests/fire

unit: pure environments browser  ## tests that need no cluster
	$(BIN)/python -m tests.twice --numprocesses auto --dist loadfile tests/ui
	$(BIN)/python -m tests.twice --numprocesses auto --dist loadfile tests/runtime

test: IMAGES := all
test: lint unit doors-quick fire-quick install  ## everything
	@# They mostly wait, so two at a time; what stops the operator goes alone.
	$(IN) $(BIN)/python -m tests.twice --numprocesses 2 --dist loadfile -m "not alone" tests/api tests/e2e
	$(IN) $(BIN)/python -m tests.twice -m alone tests/api tests/e2e
	@$(BIN)/python -m tests.runtime.environments --untried

.PHONY: doors doors-quick
doors-quick: venv  ## what doors of other tools (integrations/) do without a cluster, in environments of their own
	@$(BIN)/python -m integrations quick

doors: IMAGES := all
doors: doors-quick flyte install  ## all of them, also their types and what they do on a cluster, for a night; doors-NAME: one
	@$(BIN)/python -m integrations types
	@$(BIN)/python -m benchmarks.peer
	@$(BIN)/python -m integrations engines
	@$(IN) $(BIN)/python -m integrations cluster

.PHONY: doors-dask-kubernetes
doors-dask-kubernetes: IMAGES := all
doors-dask-kubernetes: install  ## dask-kubernetes' own tests and ours of its client; writes docs/dask-kubernetes-tests.md
	@$(BIN)/python -m integrations environments dask_kubernetes
	@DASKFLOW_DOORS_PAGE=docs/dask-kubernetes-tests.md $(IN) $(BIN)/python -m integrations cluster dask_kubernetes

.PHONY: doors-migrate
doors-migrate: IMAGES := all
doors-migrate: install  ## what daskflow migrate makes of what ran elsewhere, run; a live cluster moved over and back
	@$(BIN)/python -m benchmarks.peer
	@$(IN) $(BIN)/python -m integrations cluster migrate

.PHONY: flyte doors-flyte
flyte: venv  ## Flyte's Dask plugin as a program, for tests; from checkouts where Go's module proxy lacks it
	@$(BIN)/python -m integrations.flyte.program

doors-flyte: IMAGES := all
doors-flyte: flyte install
	@$(BIN)/python -m integrations quick flyte
	@$(IN) $(BIN)/python -m integrations cluster flyte

doors-%: IMAGES := all
doors-%: install
	@$(BIN)/python -m integrations quick $*
	@$(BIN)/python -m integrations types $*
	@$(BIN)/python -m integrations engines $*
	@$(IN) $(BIN)/python -m integrations cluster $*

test-newest: venv  ## the runtime with the newest of everything that is not ours, for a night
	DASKFLOW_NEWEST=1 $(BIN)/python -m tests.runtime.environments
	DASKFLOW_NEWEST=1 $(BIN)/python -m pytest --numprocesses auto --dist loadfile tests/runtime

test-release: venv  ## all files of a release as their users get them: each Python, krew itself; takes minutes
	$(BIN)/python -m pytest tests/release

test-pythons: environments  ## the runtime with every other Python of this machine, for a night
	$(BIN)/python -m tests.runtime.environments.pythons

simulate: venv  ## 100,000 seeds of the simulation, for a night
	$(BIN)/python -m tests.simulation.run --seeds 100000 --jobs 2

mutants: venv  ## break each policy on purpose, and see that the simulation notices
	$(BIN)/python -m tests.simulation.mutants --jobs 2

zipapp: venv  ## the command as one file, dist/daskflow.pyz, that any Python from 3.10 on runs
	$(BIN)/python -m release dist --zipapp

.PHONY: wheels
wheels: venv  ## the packages of daskflow and of all doors, in dist/
	$(BIN)/python -m release dist --wheels

release-files: venv  ## all files of a release, in dist/: packages, zipapps, krew's manifest, chart, man pages, completions
	$(BIN)/python -m release dist

bench: DASK_KUBERNETES := false
bench: install  ## compare start-up with pods applied by hand and with dask-kubernetes
	$(BIN)/python -m benchmarks.peer
	$(IN) $(BIN)/python -m benchmarks.startup

scale: venv  ## clusters a minute on simulated nodes, next to the same pods made directly
	@$(CLUSTER) up --simulated
	$(IN) $(BIN)/python -m benchmarks.clusters --clusters 500 --rounds 3
	$(IN) $(BIN)/python -m benchmarks.clusters --clusters 500 --rounds 3 --secure

.PHONY: scale-stream
scale-stream: venv  ## complete runs a minute on a control plane of its own, next to the same objects by hand; needs root
	$(BIN)/python -m benchmarks.scale.stream --runs 500 --rounds 2 --paced --page docs/proof.md

.PHONY: scale-kuberay
scale-kuberay: venv  ## our clusters in turns with RayClusters on KubeRay's operator, built from Go modules; needs root
	$(BIN)/python -m benchmarks.scale.rays --clusters 300 --rounds 3 --page docs/proof.md

runtime: venv  ## what the runtime costs against Dask's own programs
	$(BIN)/python -m benchmarks.runtime

experiments: IMAGES := all
experiments: install  ## what users of other operators reported to go wrong, on the cluster
	$(IN) $(BIN)/python -m pytest --numprocesses 3 tests/experiments

chart-test: IMAGES := all
chart-test: install  ## the chart installed in each of its modes, upgraded, rolled back and removed, for a night
	$(IN) $(BIN)/python -m pytest tests/chart

kills: install  ## kill the operator 100 times during a batch of real runs
	$(IN) $(BIN)/python -m benchmarks.kills

.PHONY: fire fuzz mass fire-quick
fire: venv  ## 2,000 API faults, 1,000 deaths of operators, frozen leaders, killed servers; hours, needs root
	$(BIN)/python -m tests.fire --faults 2000 --kills 1000 --blows 60 --standby --clocks --rate 14 --page docs/proof.md

fuzz: venv  ## 2,000 objects with anything in them, and changes of live ones; hours, needs root
	$(BIN)/python -m tests.fire.fuzz --count 2000 --walks 40 --page docs/proof.md

mass: venv  ## the operator beside 20,000 pods and 700 MB of ConfigMaps of others; half an hour, needs root
	$(BIN)/python -m tests.fire.mass --page docs/proof.md

fire-quick: venv  ## some of both, on a control plane of their own that nodes are played to; minutes
	@if [ "$$(id -u)" != 0 ]; then echo "not tried: make fire-quick needs root on Linux"; exit 0; fi; \
	fire="$(BIN)/python -m tests.fire --faults 60 --kills 6 --blows 2 --rate 14"; \
	set -x; { $$fire || { echo "UNSTEADY: fire was wrong, see above; once more"; $$fire; }; } && \
	    $(BIN)/python -m tests.fire.fuzz --count 60 --walks 2 --untimed

.PHONY: verify verify-mutants
verify: IMAGES := all
verify: install  ## the installed operator proves itself: all of daskflow verify, also without an operator
	$(IN) $(BIN)/daskflow verify --image docker.io/local/daskflow-flows:dev --stop-operator

verify-mutants: IMAGES := all
verify-mutants: install  ## break each policy on purpose, and see that daskflow verify notices; for a night
	$(IN) $(BIN)/python -m benchmarks.verify_mutants

takeover: install  ## how long it takes a second operator to take over, 20 times each way
	$(IN) $(BIN)/python -m benchmarks.takeover --load

.PHONY: daskjobs
daskjobs: install  ## DaskJobs on dask-kubernetes' own operator and on ours, in turns; both killed 20 times
	$(BIN)/python -m benchmarks.peer
	$(IN) $(BIN)/python -m benchmarks.daskjobs

down: venv  ## end the cluster and leave nothing of it behind
	@$(CLUSTER) down

clean: down  ## remove all that was built, here and in the cache
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache "$${XDG_CACHE_HOME:-$$HOME/.cache}/daskflow"
