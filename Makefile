# `make` or `make help` lists the targets.

MODEL      ?= demo
BENCHMARKS ?= arc ceval gsm8k
ENDPOINT   ?=
GPUS       ?=
JUDGE_ENDPOINT ?=
JUDGE_GPUS ?=
DATA_DIR   ?= $(EVALUATOR_DATA_DIR)
OUT        ?= runs/$(notdir $(MODEL))
ARGS       ?=
SERVER_ARGS ?=
PYTHON     ?= python3

# The demo model answers 20 built-in samples of each benchmark, unless told otherwise, and judges
# itself where a benchmark needs a judge; a weak judge rambles, so it gets few words.
ifeq ($(MODEL),demo)
LIMIT      ?= 20
JUDGE      ?= self
JUDGING    := --judge-param max_tokens=512
DATA       := $(if $(DATA_DIR),,--data builtin)
endif
LIMIT      ?=
JUDGE      ?=

VENV := .venv
BIN  := $(VENV)/bin
# A GPU machine serves with the `vllm` extra; everywhere else with vLLM's build for the CPU.
VLLM_VENV := $(if $(GPUS),.venv-vllm-gpu,.venv-vllm)
EVALUATE := $(BIN)/evaluator run $(BENCHMARKS) --model $(MODEL) --out $(OUT) $(DATA) \
	$(if $(DATA_DIR),--data-dir $(DATA_DIR)) $(if $(LIMIT),--limit $(LIMIT)) \
	$(if $(JUDGE),--judge-model $(JUDGE)) $(addprefix --judge-base-url ,$(JUDGE_ENDPOINT)) $(JUDGING)
LAUNCH := $(BIN)/python -m launch with --model $(MODEL) --vllm-python $(VLLM_VENV)/bin/python \
	$(if $(GPUS),--gpus $(GPUS))
# A judge that is neither the model itself nor served elsewhere gets a server of its own.
LAUNCH_JUDGE := $(if $(filter-out self,$(JUDGE)),$(if $(JUDGE_ENDPOINT),,$(BIN)/python -m launch with \
	--model $(JUDGE) --role judge --vllm-python $(VLLM_VENV)/bin/python \
	$(if $(JUDGE_GPUS),--gpus $(JUDGE_GPUS)) --))

.DEFAULT_GOAL := help
.PHONY: help setup eval test test-vllm speed check format clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo "  make eval MODEL=demo|HUB_ID|DIR [BENCHMARKS=\"arc gsm8k\"] [LIMIT=20] [DATA_DIR=DIR]"
	@echo "            [GPUS=0,1 | ENDPOINT=http://host:8000/v1] [OUT=runs/NAME] [ARGS=\"--param top_p=0.9\"]"
	@echo "            [JUDGE=self|MODEL [JUDGE_GPUS=2 | JUDGE_ENDPOINT=http://host:8001/v1]]"

setup: $(VENV)/.ready ## Install the project into .venv

# First what needs no server: mistakes are found, and a finished run is shown again, at once.
eval: $(VENV)/.ready ## Start a server for MODEL, evaluate it, take the server down
ifneq ($(ENDPOINT),)
	@$(EVALUATE) $(addprefix --base-url ,$(ENDPOINT)) $(ARGS)
else
	@$(EVALUATE) --replay $(ARGS) 2> $(VENV)/replay.log; code=$$?; \
	if [ $$code -eq 3 ]; then \
		$(MAKE_COMMAND) --silent --no-print-directory $(VLLM_VENV)/.ready && $(LAUNCH) $(if $(SERVER_ARGS),-- $(SERVER_ARGS)) -- $(LAUNCH_JUDGE) $(EVALUATE) $(ARGS); \
	else cat $(VENV)/replay.log >&2; exit $$code; fi
endif

test: $(VENV)/.ready ## Run the tests: no GPU, no vLLM, no network
	@$(BIN)/pytest -n logical -m "not vllm" $(ARGS)

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
	rm -rf .venv .venv-vllm .venv-vllm-gpu .mypy_cache .pytest_cache .ruff_cache

$(VENV)/.ready: pyproject.toml
	@echo "Installing the project into $(VENV) (about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --progress-bar on -e '.[dev]'
	@touch $@

.venv-vllm/.ready:
	@echo "Installing vLLM for the CPU into .venv-vllm (about two minutes, 3.4 GB) ..."
	@$(PYTHON) -m venv .venv-vllm
	@.venv-vllm/bin/pip install -r launch/cpu-requirements.txt
	@# torchvision and its kin do not import beside a CPU build of torch; text models need none.
	@.venv-vllm/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

.venv-vllm-gpu/.ready: pyproject.toml
	@echo "Installing vLLM into .venv-vllm-gpu (some minutes, several GB) ..."
	@$(PYTHON) -m venv .venv-vllm-gpu
	@.venv-vllm-gpu/bin/pip install -e '.[vllm]'
	@touch $@
