# One image for every part of Slipway: `make image` builds the wheel first; it and the locked requirements lie in dist/.
ARG BASE_IMAGE=python:3.13-slim
FROM ${BASE_IMAGE} AS build
COPY dist/requirements.txt /tmp/requirements.txt
# A venv, since the base may be a distribution whose own Python refuses packages from outside (PEP 668).
RUN python3 -m venv /opt/slipway \
 && /opt/slipway/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /tmp/requirements.txt
COPY dist/slipway-*.whl /tmp/
# pip has done its work: what runs needs none.
RUN /opt/slipway/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps /tmp/slipway-*.whl \
 && /opt/slipway/bin/pip uninstall --yes --quiet pip

FROM ${BASE_IMAGE}
# For `slipway sync` of a repository; `--build-arg SYNC_PACKAGES=` leaves them out, where nobody syncs from one.
ARG SYNC_PACKAGES="git openssh-client"
RUN if [ -n "${SYNC_PACKAGES}" ]; then \
      apt-get update && apt-get install -y --no-install-recommends ${SYNC_PACKAGES} && rm -rf /var/lib/apt/lists/*; \
    fi \
 && echo 'slipway:x:65532:65532:Slipway:/tmp:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'slipway:x:65532:' >> /etc/group
LABEL org.opencontainers.image.title="Slipway" \
      org.opencontainers.image.description="Airflow's scheduling on Kubernetes' own parts" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/slipway /opt/slipway
ENV PATH=/opt/slipway/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["slipway"]
CMD ["controller"]
