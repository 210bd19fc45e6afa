# `make` or `make help` lists the targets.

MODEL       ?= demo
MODELS      ?= $(if $(CONFIG),,$(MODEL))
BENCHMARKS  ?= $(if $(CONFIG),,arc ceval gsm8k)
CONFIG      ?=
JUDGE       ?= $(if $(DEMO),$(if $(CONFIG)$(JUDGED),self))
JUDGE_ENDPOINT ?=
JUDGE_GPUS  ?=
ENDPOINT    ?=
ENDPOINT2   ?=
CONFIGS     ?=
GPUS        ?=
DATA        ?=
DATA_DIR    ?= $(EVALUATOR_DATA_DIR)
OUT         ?= $(if $(CONFIG),,runs/{model})
ARGS        ?=
SERVER_ARGS ?=
CHAT_TEMPLATE ?=
DRY_RUN     ?=
BASE        ?=
RUNS        ?=
# The system's Python, else any that has a version in its name.
PYTHON      ?= $(shell for each in python3 python3.11 python3.12 python3.13 python3.14; do \
	command -v $$each && break; done || echo python3)
INSTALLER   ?=
# PyTorch's own index of CPU builds, which PyPI does not carry; a mirror of it does as well.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu

# The demo models answer 20 built-in samples of each benchmark, unless told otherwise; as judges of
# themselves they would ramble to the end of any limit.
DEMO   = $(if $(MODELS),$(if $(filter-out demo demo-forgetful,$(MODELS)),,demo))
LIMIT ?= $(if $(DEMO),20)
ROWS   = $(if $(DATA),--data $(DATA),$(if $(DATA_DIR),--data-dir $(DATA_DIR),$(if $(DEMO),--data builtin)))

, := ,
VENV := .venv
BIN  := $(VENV)/bin
# A GPU machine serves with the `vllm` extra; everywhere else with vLLM's build for the CPU.
SERVER    = $(if $(GPUS),gpu,cpu)
VLLM_VENV = $(if $(GPUS),.venv-vllm-gpu,.venv-vllm)
# Makes an environment, or finds it ready; a PYTHON of the user's is used or refused, not replaced.
INSTALL = $(PYTHON) launch/install $(if $(filter file,$(origin PYTHON)),,--named) \
	--installer "$(INSTALLER)" --torch-index "$(TORCH_INDEX)"

# Benchmarks of this run that need a judge.
JUDGED = $(filter alignbench mtbench arena,$(BENCHMARKS))
# The demo model rambles, as an author and as a judge.
DEMO_JUDGING = $(if $(DEMO),$(if $(JUDGE),--judge-param max_tokens=256) $(if $(CONFIG),,$(if \
	$(filter alignbench,$(BENCHMARKS)),--dataset-args '{"alignbench": {"param": {"max_tokens": 256}}}')))
# EVALUATE measures the model that it finds launched, EVALUATE_ALL every one by name.
EVALUATE = $(BIN)/evaluator run $(BENCHMARKS) $(if $(CONFIG),--config $(CONFIG)) $(if $(OUT),--out "$(OUT)") \
	$(ROWS) $(if $(LIMIT),--limit $(LIMIT)) $(if $(JUDGE),--judge-model $(JUDGE)) \
	$(addprefix --judge-base-url ,$(JUDGE_ENDPOINT)) $(DEMO_JUDGING) \
	$(if $(CHAT_TEMPLATE),--chat-template $(CHAT_TEMPLATE)) $(ARGS)
EVALUATE_ALL = $(EVALUATE) $(if $(MODELS),--models "$(MODELS)")
SEVERAL = $(if $(MODELS),$(word 2,$(MODELS)),yes)
# A template travels with each request and is part of what is asked; our servers are told to trust it.
SERVER_FLAGS = $(strip $(if $(CHAT_TEMPLATE),--trust-request-chat-template) $(SERVER_ARGS))
# A server is started only for what is not answered yet: a finished run is shown again at once.
LAUNCH = $(BIN)/python -m launch each $(if $(MODELS),--models "$(MODELS)",--recipe $(CONFIG)) \
	--vllm-python $(VLLM_VENV)/bin/python $(if $(GPUS),--gpus $(GPUS)) $(if $(DRY_RUN),--dry-run) \
	--if-needed --prepare '$(INSTALL) $(SERVER)' \
	$(if $(SERVER_FLAGS),-- $(SERVER_FLAGS)) -- $(LAUNCH_JUDGE) $(EVALUATE)
# A judge that is neither the model itself nor served elsewhere gets a server beside each model's.
LAUNCH_JUDGE = $(if $(filter-out self,$(JUDGE)),$(if $(JUDGE_ENDPOINT),,$(BIN)/python -m launch with \
	--model $(JUDGE) --role judge --vllm-python $(VLLM_VENV)/bin/python \
	$(if $(JUDGE_GPUS),--gpus $(JUDGE_GPUS)) --))

# A throughput run has a folder of its own each time; the demo model gets a load that ends in minutes.
STAMP := $(shell date +%Y%m%d-%H%M%S)
PERF_OUT = $(if $(filter file,$(origin OUT)),runs/perf-$(notdir $(MODEL))-$(STAMP),$(OUT))
DEMO_LOAD = $(if $(filter demo,$(MODEL)),--concurrency 1$(,)8 --prompt-tokens 128 --output-tokens 32)
PERF = $(BIN)/evaluator perf $(if $(CONFIGS),,--model $(MODEL)) --out $(PERF_OUT) $(if $(ARGS),$(ARGS),$(DEMO_LOAD))
SERVE = --model $(MODEL) --vllm-python $(VLLM_VENV)/bin/python $(if $(GPUS),--gpus $(GPUS))

.DEFAULT_GOAL := help
.PHONY: help setup eval article compare perf data test test-install test-vllm speed check format clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  make eval MODEL=demo|HUB_ID|DIR [BENCHMARKS=\"arc gsm8k\"] [LIMIT=20] [DATA=hub|modelscope|builtin]"
	@echo "            [DATA_DIR=DIR] [GPUS=0,1 | ENDPOINT=http://host:8000/v1] [OUT=runs/NAME] [ARGS=\"--param top_p=0.9\"]"
	@echo "            [JUDGE=self|MODEL [JUDGE_GPUS=2 | JUDGE_ENDPOINT=http://host:8001/v1]]"
	@echo "  make compare BASE=runs/base RUNS=\"runs/other runs/third\""
	@echo "  make eval MODELS=\"base other\"          make article [MODELS=\"...\"] [JUDGE=self] [DRY_RUN=1]"
	@echo "  make setup [PYTHON=python3.12] [INSTALLER=uv] [TORCH_INDEX=URL]"
	@echo "  make perf MODEL=... [ENDPOINT=URL [ENDPOINT2=URL] | CONFIGS=perf.toml] [ARGS=\"--concurrency 1,8,32\"]"

setup: $(VENV)/.ready ## Install the project into .venv

eval: can-serve $(VENV)/.ready ## Serve MODEL or MODELS, evaluate, take the server down
	@$(if $(ENDPOINT),$(EVALUATE_ALL) $(addprefix --base-url ,$(ENDPOINT)) $(if $(DRY_RUN),--dry-run),$(launched))

article: CONFIG = recipes/article.toml
article: eval ## The source article's recipe: four models, four benchmarks, one comparison

compare: $(VENV)/.ready ## What the runs RUNS gained and forgot against the run BASE
	@$(BIN)/evaluator compare $(BASE) $(RUNS) $(ARGS)

data: $(VENV)/.ready ## Fetch the data sets of BENCHMARKS into DATA_DIR, for machines without a network
	@$(BIN)/evaluator data fetch $(BENCHMARKS) --data-dir "$(or $(DATA_DIR),data)" \
	$(if $(DATA),--from $(DATA)) $(ARGS)

define launched
$(LAUNCH); code=$$?; case $$code in \
	0|1|3) $(if $(DRY_RUN),$(EVALUATE_ALL) --dry-run,$(if $(SEVERAL),$(EVALUATE_ALL) --replay --progress none,:)) || \
	exit $$? ;; esac; exit $$code
endef

perf: can-serve $(VENV)/.ready ## Measure how fast MODEL is served, or compare servers
ifneq ($(ENDPOINT),)
	@$(PERF) $(addprefix --base-url ,$(ENDPOINT) $(ENDPOINT2))
else ifneq ($(CONFIGS),)
	@$(INSTALL) $(SERVER)
	@$(BIN)/python -m launch turns $(SERVE) --config $(CONFIGS) -- $(PERF)
else
	@$(INSTALL) $(SERVER)
	@$(BIN)/python -m launch with $(SERVE) $(if $(SERVER_ARGS),-- $(SERVER_ARGS)) -- $(PERF)
endif

test: $(VENV)/.ready ## Run the tests: no GPU, no vLLM, no network
	@$(BIN)/pytest -n logical -m "not vllm and not install" $(ARGS)

test-install: $(VENV)/.ready ## Run the tests that make environments; needs a package index
	@$(BIN)/pytest -n logical -m install tests/install $(ARGS)

test-vllm: $(VENV)/.ready .venv-vllm/.ready ## Run the tests against a real vLLM server on the CPU
	@$(BIN)/pytest -m vllm tests/vllm $(ARGS)

speed: $(VENV)/.ready ## Measure the client against a stub server, beside its limit
	@$(BIN)/python -m tests.speed $(ARGS)

check: $(VENV)/.ready ## Check format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.ready ## Format and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove both environments and the caches of the tools
	rm -rf .venv .venv-vllm .venv-vllm-gpu .cache/install .mypy_cache .pytest_cache .ruff_cache

# Nothing is installed on a machine that could not go on afterwards.
can-serve: FORCE
	@$(if $(ENDPOINT)$(DRY_RUN)$(wildcard $(VENV)/.ready),:,$(NEED_PYTHON) $(INSTALL) --check $(SERVER))

# `launch/install` finds out whether anything is to be done: a time stamp would not show a moved folder.
.venv/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) project

.venv-vllm/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) cpu

.venv-vllm-gpu/.ready: FORCE
	@$(NEED_PYTHON) $(INSTALL) gpu

NEED_PYTHON = command -v $(PYTHON) >/dev/null || { echo 'there is no $(PYTHON) on the PATH: install Python 3.11' \
	'or newer with venv and pip, or name one: make PYTHON=DIR/bin/python3.12 ...' >&2; exit 2; };

FORCE:
