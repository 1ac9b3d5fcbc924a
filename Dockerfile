# The image holds one static binary and nothing else: no shell, no libc, no package to patch.
# `cargo xtask image` builds the binary and this image in one go. By hand, from a Linux machine:
#
#   (cd web && npm ci && npm run build)
#   RUSTFLAGS='-C target-feature=+crt-static' cargo build --release -p miniman --target x86_64-unknown-linux-gnu
#   docker build -t miniman .
FROM scratch

# Both directories are made by these lines, as scratch has no mkdir. SQLite sorts large queries in /tmp.
WORKDIR /tmp
WORKDIR /data

# Cargo's profile: the tests build with a quicker one.
ARG PROFILE=release
COPY target/x86_64-unknown-linux-gnu/${PROFILE}/miniman /miniman

# Inside a container 127.0.0.1 is nobody else's, so it listens on all of the container's addresses. It speaks plain
# HTTP there: publish the port on 127.0.0.1 (as compose.yaml does) or put a TLS proxy before it.
ENV MINIMAN_LISTEN=0.0.0.0:5647 \
    MINIMAN_INSECURE_HTTP=true \
    MINIMAN_DATA_DIR=/data

VOLUME /data
EXPOSE 5647
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/miniman", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/miniman"]
