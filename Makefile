# Every command works on a bare machine that has Node.js 20 or later with npm, and make: what else it takes is installed or
# asked for by name. The programs themselves run on the Node 24 that npm installs beside them.
.DEFAULT_GOAL := help
.PHONY: help run check test bench docs golden clean
SHELL := /bin/bash

INSTALLED := node_modules/.package-lock.json
# Node 24 comes first, for what is started here and for what that starts.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

help: ## What can be done here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Watch this machine: metrics on http://127.0.0.1:8080/metrics, alerts in consumer.log
	@exec node services/local/main.ts

check: $(INSTALLED) ## Types, lint, dead code, generated files and unit tests; under a minute
	@npm run --silent check

test: $(INSTALLED) ## Everything, with a real Kafka and a real Prometheus; under 15 minutes
	@npm run --silent check
	@node e2e/kafka/install.ts || echo 'No Kafka broker to test with: its jars come by Maven (Debian: maven, openjdk-17-jre-headless)'
	@npm run --silent test:integration

bench: $(INSTALLED) ## What it costs, as ratios to others in the same run
	@node bench/main.ts

docs: $(INSTALLED) ## Write again what is generated in docs/
	@node docs/generate.ts

golden: $(INSTALLED) ## Write again the expected outputs of tests; read the difference before you commit it
	@UPDATE_GOLDEN=1 npm run --silent test:unit

clean: ## Remove what was installed and fetched
	rm -rf node_modules .cache

$(INSTALLED): package.json package-lock.json
	@echo 'Installing what package-lock.json lists, Node.js 24 among it …' >&2
	@npm ci --no-audit --no-fund --loglevel=error >&2
	@touch $@
