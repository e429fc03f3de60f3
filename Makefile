# Every command works on a bare machine that has Node.js 20 or later with npm, and make: what else it takes is installed or
# asked for by name. The programs themselves run on the Node 24 that npm installs beside them.
.DEFAULT_GOAL := help
.PHONY: help run check test chaos bench docs synth golden images kind-up kind-down doctor deploy open undeploy upgrade-check e2e clean
SHELL := /bin/bash

INSTALLED := node_modules/.package-lock.json
# Node 24 comes first, for what is started here and for what that starts.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Watch this machine: http://127.0.0.1:8080/ shows it, alerts are in consumer.log
	@exec node services/local/main.ts

check: $(INSTALLED) ## Types, lint, dead code, generated files and unit tests; under a minute
	@npm run --silent check

test: $(INSTALLED) ## Everything, with a real Kafka and a real Prometheus; under 15 minutes
	@npm run --silent check
	@node e2e/kafka/install.ts || echo 'No Kafka broker to test with: its jars come by Maven (Debian: maven, openjdk-17-jre-headless)'
	@node e2e/tools/install.ts || echo 'Some of the proof of the charts is left out'
	@npm run --silent test:integration

chaos: $(INSTALLED) ## Hours of faults, and a calm day of 200 nodes, told as they go; SCALE=0.05 for a short round, SEED=… for the same mix again
	@node e2e/kafka/install.ts
	@node --test --test-concurrency=1 'e2e/{,faults/}*.chaos.ts'

bench: $(INSTALLED) ## What it costs, as ratios to others in the same run
	@node bench/main.ts

docs: $(INSTALLED) ## Write again what is generated in docs/
	@node docs/generate.ts

synth: $(INSTALLED) ## Write the charts again from cdk8s/, and the dashboards from grafana-dashboards/src
	@node cdk8s/synth.ts

golden: $(INSTALLED) ## Write again the expected outputs of tests; read the difference before you commit it
	@UPDATE_GOLDEN=1 npm run --silent test:unit
	@node e2e/tools/install.ts
	@UPDATE_GOLDEN=1 node --test --test-reporter=dot e2e/charts/rendering.test.ts

# Everything works with the cluster of one context: CONTEXT, else the current one. CLUSTER=x is short for CONTEXT=kind-x.
ifdef CLUSTER
export CONTEXT ?= kind-$(CLUSTER)
endif
CLUSTER ?= kind

images: $(INSTALLED) ## Build both images and load them into the kind cluster of the context; PUSH=1 IMAGE_REGISTRY=… pushes them
	@node images/build.ts

kind-up: ## A kind cluster of three nodes in three zones, whose context becomes the current one; CLUSTER=kind KIND_IMAGE=…
	@if kind get clusters 2>/dev/null | grep -qxF '$(CLUSTER)'; then echo 'The kind cluster $(CLUSTER) is there already'; \
	  kind export kubeconfig --name '$(CLUSTER)'; \
	else kind create cluster --name '$(CLUSTER)' --config kind-config.yaml $(if $(KIND_IMAGE),--image '$(KIND_IMAGE)') --wait 5m; fi

kind-down: ## Remove that cluster
	@kind delete cluster --name '$(CLUSTER)'

doctor: $(INSTALLED) ## Can it be deployed here? CONTEXT=… PROFILE=…
	@node deploy/main.ts doctor

deploy: $(INSTALLED) ## Install or upgrade everything in the cluster; `node deploy/main.ts --help` lists what can be chosen
	@node deploy/main.ts deploy

open: $(INSTALLED) ## Grafana on a port of this machine; PORT=3000
	@node deploy/main.ts open

undeploy: $(INSTALLED) ## Remove it from the cluster; PURGE=1 removes the data, too
	@node deploy/main.ts undeploy

e2e: $(INSTALLED) ## Deploy to the cluster of the context, break things there, look, and remove it; KEEP=1 leaves it
	@node --test --test-reporter=spec e2e/cluster/story.e2e.ts

upgrade-check: $(INSTALLED) ## Rehearse the upgrade from the last tag (PREVIOUS=chart) in a namespace of its own
	@node deploy/main.ts upgrade-check

clean: ## Remove what was installed and fetched
	rm -rf node_modules .cache

$(INSTALLED): package.json package-lock.json
	@echo 'Installing what package-lock.json lists, Node.js 24 among it …' >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2
	@touch $@
