# `make` or `make help` lists the targets. What eval, article and perf do is `python -m launch eval`
# and `perf`: this file passes on to them the variables that are given to make.

# The system's Python, else any that has a version in its name.
PYTHON      ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	command -v $$each && break; done || echo python3)
INSTALLER   ?=
# PyTorch's own index of CPU builds, which PyPI does not carry; a mirror of it does as well.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# `=` and not `?=`: a variable of the same name in the shell's environment does not count.
ALL =
ARGS =
BASE =
BENCHMARKS = arc ceval gsm8k
DATA =
DATA_DIR =
DRY_RUN =
RUNS =

SERVER_VARIABLES = MODEL ENDPOINT GPUS TP REPLICAS PRESETS OUT ARGS SERVER_ARGS VLLM_PYTHON \
	ENGINE ENGINE_COMMAND
EVAL_VARIABLES = $(SERVER_VARIABLES) FLEET MODELS BENCHMARKS CONFIG LIMIT DATA DATA_DIR JUDGE JUDGE_ENDPOINT \
	JUDGE_GPUS JUDGE_TP JUDGE_REPLICAS JUDGE_SERVER_ARGS CHAT_TEMPLATE
PERF_VARIABLES = $(SERVER_VARIABLES) ENDPOINT2 CONFIGS
# Of the variables $(1), those given on make's command line, each as an option: --judge-gpus='2,3'
given = $(foreach each,$(1),$(if $(findstring command,$(origin $(each))),$(call option,$(each))))
option = --$(shell echo $(1) | tr A-Z_ a-z-)='$(subst ','\'',$($(1)))'

BIN = .venv/bin
# Makes an environment, or finds it ready; a PYTHON that is named is used or refused, not replaced.
INSTALL = $(PYTHON) launch/install --python-from "$(origin PYTHON)" --installer "$(INSTALLER)" \
	--torch-index "$(TORCH_INDEX)"
LAUNCH = $(BIN)/python -m launch
OTHER_SERVERS = .venv-vllm/.ready .venv-litellm/.ready $(ALL:%=.venv-llama-cpp/.ready)
WITH_INSTALL = $(call option,INSTALL)
NEED_PYTHON = command -v $(PYTHON) >/dev/null || { echo 'there is no $(PYTHON) on the PATH: install Python 3.11' \
	'or newer with venv and pip, or name one: make PYTHON=DIR/bin/python3.12 ...' >&2; exit 2; };

# A make within this one, as the tests run, starts without these variables.
unexport MAKEFLAGS
.DEFAULT_GOAL := help
.PHONY: help setup eval article compare view perf data test test-install test-web test-vllm test-servers test-scale test-site reference docs screenshots speed soak check format clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
	@echo
	@echo "  make eval MODEL=demo|HUB_ID|DIR [BENCHMARKS=\"arc gsm8k\"] [LIMIT=20] [DATA=hub|modelscope|builtin]"
	@echo "            [DATA_DIR=DIR] [GPUS=0,1 | ENDPOINT=http://host:8000/v1] [OUT=runs/NAME] [ARGS=\"--param top_p=0.9\"]"
	@echo "            [JUDGE=self|MODEL [JUDGE_GPUS=2 | JUDGE_ENDPOINT=http://host:8001/v1]] [CONFIG=FILE] [DRY_RUN=1]"
	@echo "            [TP=1] [REPLICAS=4] [SERVER_ARGS=\"--max-num-seqs 64\"] [PRESETS=FILE]"
	@echo "            [JUDGE_TP=2] [JUDGE_REPLICAS=1] [JUDGE_SERVER_ARGS=\"...\"]"
	@echo "            [FLEET=fleet.toml: models and their judge from a file]"
	@echo "            [ENGINE=vllm|sglang|llamacpp|transformers|command [ENGINE_COMMAND=\"my-server --port {port}\"]]"
	@echo "            [MODEL=BASE+lora:ADAPTER: one server for a base and its LoRA adapters, compared]"
	@echo "  make compare BASE=runs/base RUNS=\"runs/other runs/third\""
	@echo "  make view [RUNS=\"runs other\"] [ARGS=\"--port 8080\"]"
	@echo "  make eval MODELS=\"base other\"          make article [MODELS=\"...\"] [JUDGE=self] [DRY_RUN=1]"
	@echo "  make setup [PYTHON=python3.12] [INSTALLER=uv] [TORCH_INDEX=URL]"
	@echo "  make perf MODEL=... [ENDPOINT=URL [ENDPOINT2=URL] | CONFIGS=perf.toml] [ARGS=\"--concurrency 1,8,32\"]"

setup: .venv/.ready ## Install the project into .venv

eval: can-serve .venv/.ready ## Serve MODEL or MODELS, evaluate, take the server down
	@$(LAUNCH) eval $(call given,$(EVAL_VARIABLES)) $(DRY_RUN:%=--dry-run) $(WITH_INSTALL)

article: can-serve .venv/.ready ## The source article's recipe: four models, four benchmarks, one comparison
	@$(LAUNCH) eval --config=recipes/article.toml $(call given,$(EVAL_VARIABLES)) $(DRY_RUN:%=--dry-run) \
	$(WITH_INSTALL)

compare: .venv/.ready ## What the runs RUNS gained and forgot against the run BASE
	@$(BIN)/evaluator compare $(BASE) $(RUNS) $(ARGS)

view: .venv/.ready ## Show the results below RUNS (runs/ where not given) in a browser
	@$(BIN)/evaluator view $(RUNS) $(ARGS)

data: .venv/.ready ## Fetch the data sets of BENCHMARKS into DATA_DIR, for machines without a network
	@$(BIN)/evaluator data fetch $(BENCHMARKS) --data-dir "$(or $(DATA_DIR),$${EVALUATOR_DATA_DIR:-data})" \
	$(DATA:%=--from %) $(ARGS)

perf: can-serve .venv/.ready ## Measure how fast MODEL is served, or compare servers
	@$(LAUNCH) perf $(call given,$(PERF_VARIABLES)) $(WITH_INSTALL)

test: .venv/.ready ## Run the tests: no GPU, no vLLM, no network
	@$(BIN)/pytest -n logical -m "not vllm and not install and not servers and not web and not scale and not site" $(ARGS)

test-install: .venv/.ready ## Run the tests that make environments; needs a package index
	@$(BIN)/pytest -n logical -m install tests/install $(ARGS)

test-web: .venv/.ready ## Run the tests of pages in a real browser, Debian's chromium
	@$(BIN)/pytest -m web tests/web $(ARGS)

test-vllm: .venv/.ready .venv-vllm/.ready ## Run the tests against a real vLLM server on the CPU
	@$(BIN)/pytest -n 2 -m vllm tests/vllm $(ARGS)

test-servers: .venv/.ready $(OTHER_SERVERS) ## Run the tests against other servers; ALL=1 compiles one more
	@$(BIN)/pytest -m "servers $(if $(ALL),,and not llama_cpp)" tests/servers $(ARGS)

test-scale: .venv/.ready .venv-ray/.ready .venv-vllm/.ready ## Run the tests of fleets on a real Slurm and Ray; needs root
	@$(BIN)/pytest -m scale -rs tests/scale $(ARGS)

test-site: .venv/.ready docs ## Make the documentation site, and test its links
	@$(BIN)/pytest -m site tests/site $(ARGS)

reference: .venv/.ready ## Write the pages that are made from the code: docs/options.md, docs/fields.md, docs/schemas, docs/benchmarks.md
	@$(BIN)/python -m evaluator.cli.reference > docs/options.md
	@$(BIN)/python -m evaluator.results.schemas docs/schemas
	@$(BIN)/python -m evaluator.results.fields_page > docs/fields.md
	@$(BIN)/python -m evaluator.cli.benchmarks_table docs/benchmarks.md

docs: .venv-docs/.ready ## Make the documentation site in site/; strict, and needs no network
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict --quiet $(ARGS)

screenshots: .venv/.ready ## Make the pictures of README and docs from RUNS: a run and a comparison
	@$(BIN)/python -m tests.web.screenshots docs/images \
	$(or $(RUNS),runs/demo runs/compare-demo-demo-forgetful)

speed: .venv/.ready ## Measure the client against a stub server, beside its limit
	@$(BIN)/python -m tests.speed $(ARGS)

soak: .venv/.ready ## A long run with faults, restarts and kills, checked sample by sample (SAMPLES=N)
	@$(BIN)/python -m tests.soak

check: .venv/.ready ## Check format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: .venv/.ready ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove all environments and the caches of the tools
	rm -rf .venv .venv-vllm .venv-vllm-gpu .venv-docs .venv-litellm .venv-llama-cpp .venv-ray \
	.venv-transformers site .cache/install .mypy_cache .pytest_cache .ruff_cache

# Nothing is installed on a machine that could not go on afterwards.
can-serve: FORCE
	@$(NEED_PYTHON) $(INSTALL) can-serve $(call given,GPUS ENDPOINT VLLM_PYTHON ENGINE) $(DRY_RUN:%=--dry-run)

# `launch/install` finds out whether anything is to be done: a time stamp would not show a moved folder.
.venv/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) project

.venv-vllm/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) cpu

.venv-vllm-gpu/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) gpu

.venv-docs/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) docs

.venv-litellm/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) litellm

.venv-ray/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) ray

# Only what the server needs is compiled, and less optimised: three minutes where it takes an hour.
.venv-llama-cpp/.ready: export CMAKE_ARGS = -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF \
	-DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TESTS=OFF -DCMAKE_CXX_FLAGS_RELEASE=-O1
.venv-llama-cpp/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) llama-cpp

FORCE:
