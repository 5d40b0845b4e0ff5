# docker build -t tradeloop . && docker run -p 8000:8000 -e HOST=0.0.0.0 tradeloop

FROM swift:6.3-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends libuv1-dev \
    && rm -rf /var/lib/apt/lists/* \
    # Debian has libuv's archive under a name of its own, which the linker does not look for.
    && ln -s libuv_a.a "/usr/lib/$(uname -m)-linux-gnu/libuv.a"
WORKDIR /tradeloop
COPY . .
# The toolchain's lld, since the default linker warns that glibc's resolver needs shared libraries. It does not
# for what a container has: names in /etc/hosts and DNS.
RUN swift build -c release --product tradeloop \
        --static-swift-stdlib -Xswiftc -static-executable -Xswiftc -use-ld=lld -Xlinker -s \
    && cp .build/release/tradeloop /usr/local/bin/tradeloop

# The program is one static file and needs nothing beside it.
FROM scratch
COPY --from=build /usr/local/bin/tradeloop /tradeloop
USER 65532:65532
EXPOSE 8000
ENTRYPOINT ["/tradeloop"]
