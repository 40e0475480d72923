# evrs: a thin front over cargo.
#
#   make                 build/libevrs.so and build/libevrs.a (release)
#   make demo            compile an echo server with gcc -levrs, run it, talk to it
#   make check           every test: Rust, C against the reference, listings, packaging
#   make install         PREFIX= DESTDIR= LIBDIR= INCLUDEDIR=
#   make uninstall       the same variables
#   make headers         write include/ anew from the Rust sources
#   make dropin DIR=d    a folder of links under the reference libraries' SONAMEs
#   make clean

VERSION  := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVER    := 0
SONAME   := libevrs.so.$(SOVER)

CC       ?= cc
CARGO    ?= cargo
# The linker that makes one relocatable object out of the Rust archive: GNU ld only,
# lld has no --force-group-allocation.
LD_R     ?= ld.bfd
OBJCOPY  ?= objcopy

PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR  ?=

# Where the libraries land, and cargo's own folder for them: apart from `cargo test`'s, because a
# crate built with other crate types would replace its artefacts there.
PROFILE  ?= release
BUILD    ?= build
SHIP     ?= target/ship
RUSTOUT  := $(SHIP)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))

.PHONY: all lib shared static cargo-lib demo check install uninstall headers dropin clean deps-demo deps-check

all: lib

lib: shared static

# One compilation, two links: with `rlib` among the crate types cargo would leave LTO off. The
# SONAME is given here and not in build.rs, where cargo warns that the package has no cdylib.
cargo-lib:
	$(CARGO) rustc --quiet --lib --profile $(PROFILE) --target-dir $(SHIP) \
	    --crate-type cdylib,staticlib -- \
	    -Clink-arg=-Wl,-soname,$(SONAME),-Bsymbolic-functions

shared: cargo-lib
	@mkdir -p $(BUILD)
	@cmp -s $(RUSTOUT)/libevrs.so $(BUILD)/libevrs.so.$(VERSION) || \
	    { cp $(RUSTOUT)/libevrs.so $(BUILD)/libevrs.so.$(VERSION).new && \
	      mv $(BUILD)/libevrs.so.$(VERSION).new $(BUILD)/libevrs.so.$(VERSION); }
	@ln -sfn libevrs.so.$(VERSION) $(BUILD)/$(SONAME)
	@ln -sfn $(SONAME) $(BUILD)/libevrs.so

clean:
	$(CARGO) clean
	rm -rf build
