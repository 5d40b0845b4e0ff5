# docker build -t tradeloop . && docker run -p 8000:8000 -e HOST=0.0.0.0 tradeloop

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libhiredis-dev libuv1-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /tradeloop
COPY . .
RUN scripts/build tradeloop && strip -o /usr/local/bin/tradeloop .build/release/tradeloop

# The program is one static file and needs nothing beside it.
FROM scratch
COPY --from=build /usr/local/bin/tradeloop /tradeloop
USER 65532:65532
EXPOSE 8000
# The program asks itself, as there is no other in the image.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/tradeloop", "--health-check"]
ENTRYPOINT ["/tradeloop"]
