# One image for web, worker, scheduler and prepare.
FROM node:22-bookworm-slim AS assets
WORKDIR /src/assets
COPY assets/package.json assets/package-lock.json assets/.npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY assets ./
RUN mkdir -p ../app/static && node build.mjs

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/*
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/qiliu
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
COPY --from=assets /src/app/static/dist app/static/dist
RUN python -m compileall -q app \
 && useradd --system --uid 10001 --home-dir /data qiliu \
 && install -d -o qiliu -m 700 /data
USER qiliu
VOLUME /data
EXPOSE 8000
CMD ["python", "-m", "app.jobs.serve"]
