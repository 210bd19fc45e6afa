# The evaluator alone, without a server: it asks whatever speaks HTTP.
#     docker build -t evaluator --build-arg VERSION=0.1.0 .
#     mkdir -p runs  # one that docker makes belongs to root, and the evaluator is user 1000
#     docker run --rm --volume ./runs:/work/runs evaluator run arc --model NAME --base-url URL
FROM python:3.12-slim AS build
ARG VERSION=0.1.0
WORKDIR /source
COPY . .
RUN SETUPTOOLS_SCM_PRETEND_VERSION="$VERSION" \
    pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir /wheels/*.whl \
    && useradd --create-home --uid 1000 evaluator \
    && install --directory --owner evaluator /work /work/runs
USER evaluator
WORKDIR /work
ENTRYPOINT ["evaluator"]
CMD ["--help"]
