# evrs: a thin front over cargo.
#
#   make                 build/libevrs.so and build/libevrs.a (release), and where OpenSSL and
#                        mbedTLS are there, build/libevrs_openssl.so, libevrs_mbedtls.so and .a
#   make demo            compile an echo server with gcc -levrs, run it, talk to it
#   make check           every test: Rust, C against the reference, listings, packaging
#   make install         PREFIX= DESTDIR= LIBDIR= INCLUDEDIR=
#   make uninstall       the same variables
#   make headers         write include/ anew from the Rust sources
#   make dropin DIR=d    a folder of links under the reference libraries' SONAMEs
#   make clean

VERSION  := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME   := libevrs.so.0
# The TLS packages, and what each of them is linked with.
TLS      := openssl mbedtls
LIBS_openssl := -lssl -lcrypto
LIBS_mbedtls := -lmbedtls
DROPIN   := libevent-2.1.so.7 libevent_core-2.1.so.7 libevent_extra-2.1.so.7 \
            libevent_pthreads-2.1.so.7 libev.so.4
DROPIN_OPENSSL := libevent_openssl-2.1.so.7

CC       ?= cc
CARGO    ?= cargo

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

.PHONY: all lib shared static cargo-lib tls tls-shared demo deps check check-lint check-rust check-miri check-c \
        check-c-valgrind check-packaging check-listings install uninstall headers dropin clean

all: lib

lib: shared static tls

tls: $(TLS:%=tls-%)

tls-shared: $(TLS:%=tls-shared-%)

# One compilation, two links: with `rlib` among the crate types cargo would leave LTO off. The
# SONAME is given here and not in build.rs, where cargo warns that the package has no cdylib.
# evrs_shipped: the library stands alone, without std, see src/runtime.rs.
# GNU ld and noseparate-code: two segments instead of five, which is 4 % of a small program's start.
# -Bsymbolic-functions: calls inside the library stay inside it, whatever else is loaded;
# variables stay behind the GOT: programs may hold copies of ev_default_loop_ptr and the like.
# defs: what nothing defines is an error here and not in somebody's program.
cargo-lib:
	@$(CARGO) rustc --quiet --lib --profile $(PROFILE) --target-dir $(SHIP) \
	    --crate-type cdylib,staticlib -- --cfg evrs_shipped \
	    -Clink-arg=-fuse-ld=bfd \
	    -Clink-arg=-Wl,-soname,$(SONAME),-Bsymbolic-functions,-z,noseparate-code,-z,defs

shared: cargo-lib
	@mkdir -p $(BUILD)
	@cmp -s $(RUSTOUT)/libevrs.so $(BUILD)/libevrs.so.$(VERSION) || \
	    { cp $(RUSTOUT)/libevrs.so $(BUILD)/libevrs.so.$(VERSION).new && \
	      mv $(BUILD)/libevrs.so.$(VERSION).new $(BUILD)/libevrs.so.$(VERSION); }
	@ln -sfn libevrs.so.$(VERSION) $(BUILD)/$(SONAME)
	@ln -sfn $(SONAME) $(BUILD)/libevrs.so

static: shared
	@[ $(BUILD)/libevrs.a -nt $(RUSTOUT)/libevrs.a ] || \
	    tools/static-archive $(RUSTOUT)/libevrs.a $(BUILD)/libevrs.so $(BUILD)/libevrs.a

# On top of the core: they find libevrs.so.0 when they are loaded, and hold nothing of it.
# EVRS_TLS has the package look into its TLS library's headers.
tls-shared-%: shared
	@tools/tls-there $* say || exit 0; l=libevrs_$*.so; \
	EVRS_TLS=$* $(CARGO) rustc --quiet -p evrs-$* --lib --profile $(PROFILE) --target-dir $(SHIP) \
	    --crate-type cdylib,staticlib -- \
	    -Clink-arg=-Wl,-soname,$$l.0,-Bsymbolic-functions,-z,defs \
	    -Clink-arg=-L$(abspath $(BUILD)) -Clink-arg=-levrs $(LIBS_$*:%=-Clink-arg=%) || exit 1; \
	cmp -s $(RUSTOUT)/$$l $(BUILD)/$$l.$(VERSION) || \
	    { cp $(RUSTOUT)/$$l $(BUILD)/$$l.$(VERSION).new && \
	      mv $(BUILD)/$$l.$(VERSION).new $(BUILD)/$$l.$(VERSION); }; \
	ln -sfn $$l.$(VERSION) $(BUILD)/$$l.0; \
	ln -sfn $$l.0 $(BUILD)/$$l

tls-%: tls-shared-%
	@l=libevrs_$*; [ ! -e $(BUILD)/$$l.so ] || [ $(BUILD)/$$l.a -nt $(RUSTOUT)/$$l.a ] || \
	    tools/static-archive $(RUSTOUT)/$$l.a $(BUILD)/$$l.so $(BUILD)/$$l.a

demo:
	@tools/need gcc libc6-dev
	@$(MAKE) --no-print-directory shared
	@CC="$(CC)" BUILD="$(BUILD)" tools/demo

deps:
	@tools/need gcc g++ libc6-dev libevent-dev libev-dev libssl-dev libmbedtls-dev valgrind curl apache2-utils iproute2 \
	    util-linux procps diffutils pkg-config cmake python3

check:
	@for t in deps check-lint check-rust check-miri check-c check-c-valgrind check-packaging check-listings; do \
	    echo "== $$t"; $(MAKE) --no-print-directory $$t || exit 1; done
	@echo "check: everything passed"

check-lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --quiet --workspace --all-targets -- -D warnings
	RUSTFLAGS="--cfg evrs_shipped" $(CARGO) clippy --quiet --lib --target-dir target/lint -- -D warnings

check-rust:
	$(CARGO) test --quiet --lib
	$(CARGO) test --quiet -p evrs-headers

check-miri:
	tools/miri

# Each C program on the reference and on evrs: with overflow checks, then the library that is
# shipped, with the trials under valgrind.
check-c:
	EVRS_PROFILE=dev $(CARGO) test --quiet --test c

check-c-valgrind: lib
	EVRS_LIBDIR=$(BUILD) EVRS_VALGRIND=1 $(CARGO) test --quiet --test c

check-packaging: lib
	BUILD="$(BUILD)" c-tests/packaging/run

check-listings: lib
	BUILD="$(BUILD)" c-tests/listings/run

# The folder of an installed header is INCLUDEDIR itself, as with the libraries that evrs stands
# in for: sources say <event.h>, <event2/event.h>, <ev.h>.
#
# What is built already is installed as it is: `sudo make install` need not find cargo.
install: $(if $(wildcard $(BUILD)/libevrs.a),,lib)
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBDIR)/cmake/evrs \
	    $(DESTDIR)$(INCLUDEDIR)/event2
	install -m 755 $(BUILD)/libevrs.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libevrs.so.$(VERSION)
	strip --strip-unneeded $(DESTDIR)$(LIBDIR)/libevrs.so.$(VERSION)
	ln -sfn libevrs.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sfn $(SONAME) $(DESTDIR)$(LIBDIR)/libevrs.so
	install -m 644 $(BUILD)/libevrs.a $(DESTDIR)$(LIBDIR)/libevrs.a
	for l in $(TLS:%=libevrs_%); do \
	    [ -e $(BUILD)/$$l.a ] || continue; \
	    install -m 755 $(BUILD)/$$l.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$l.so.$(VERSION) && \
	    strip --strip-unneeded $(DESTDIR)$(LIBDIR)/$$l.so.$(VERSION) && \
	    ln -sfn $$l.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$$l.so.0 && \
	    ln -sfn $$l.so.0 $(DESTDIR)$(LIBDIR)/$$l.so && \
	    install -m 644 $(BUILD)/$$l.a $(DESTDIR)$(LIBDIR)/$$l.a || exit 1; \
	done
	install -m 644 include/*.h $(DESTDIR)$(INCLUDEDIR)
	install -m 644 include/event2/*.h $(DESTDIR)$(INCLUDEDIR)/event2
	[ ! -e $(BUILD)/libevrs_mbedtls.a ] || \
	    sed -i 's|^/\* #undef \(EVENT__HAVE_MBEDTLS\) \*/$$|#define \1 1|' $(DESTDIR)$(INCLUDEDIR)/event2/event-config.h
	for f in evrs.pc:pkgconfig \
	    $$(for t in $(TLS); do [ ! -e $(BUILD)/libevrs_$$t.a ] || echo evrs_$$t.pc:pkgconfig; done) \
	    evrs-config.cmake:cmake/evrs evrs-config-version.cmake:cmake/evrs; do \
	    sed -e 's|@PREFIX@|$(abspath $(PREFIX))|' -e 's|@LIBDIR@|$(abspath $(LIBDIR))|' \
	        -e 's|@INCLUDEDIR@|$(abspath $(INCLUDEDIR))|' -e 's|@VERSION@|$(VERSION)|' \
	        -e 's|@SONAME@|$(SONAME)|' -e 's|@CMAKE_TO_LIBDIR@|../..|' \
	        -e "s|@CMAKE_TO_INCLUDEDIR@|$$(realpath -ms --relative-to='$(abspath $(LIBDIR))/cmake/evrs' '$(abspath $(INCLUDEDIR))')|" \
	        pkg/$${f%%:*}.in >$(DESTDIR)$(LIBDIR)/$${f##*:}/$${f%%:*} || exit 1; \
	done
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then ldconfig; fi

uninstall:
	rm -f $(DESTDIR)$(LIBDIR)/libevrs.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME) \
	    $(DESTDIR)$(LIBDIR)/libevrs.so $(DESTDIR)$(LIBDIR)/libevrs.a \
	    $(DESTDIR)$(LIBDIR)/pkgconfig/evrs.pc
	for t in $(TLS); do l=$(DESTDIR)$(LIBDIR)/libevrs_$$t; \
	    rm -f $$l.so.$(VERSION) $$l.so.0 $$l.so $$l.a $(DESTDIR)$(LIBDIR)/pkgconfig/evrs_$$t.pc; done
	rm -rf $(DESTDIR)$(LIBDIR)/cmake/evrs
	cd include && for h in *.h event2/*.h; do rm -f "$(DESTDIR)$(INCLUDEDIR)/$$h"; done
	-rmdir $(DESTDIR)$(INCLUDEDIR)/event2 2>/dev/null

headers:
	$(CARGO) run --quiet -p evrs-headers

# Links, not copies: a process that loads several of these names must get one library with one set
# of globals.
dropin: tls-shared-openssl
	@[ -n "$(DIR)" ] || { echo "usage: make dropin DIR=folder" >&2; exit 2; }
	@mkdir -p "$(DIR)"
	@cp $(BUILD)/libevrs.so.$(VERSION) "$(DIR)/libevrs.so.$(VERSION).new"
	@mv "$(DIR)/libevrs.so.$(VERSION).new" "$(DIR)/libevrs.so.$(VERSION)"
	@cd "$(DIR)" && for n in $(SONAME) $(DROPIN); do ln -sfn libevrs.so.$(VERSION) "$$n"; done
	@l=libevrs_openssl.so.$(VERSION); [ -e $(BUILD)/$$l ] || l=libevrs.so.$(VERSION); \
	[ $$l = libevrs.so.$(VERSION) ] || \
	    { cp $(BUILD)/$$l "$(DIR)/$$l.new" && mv "$(DIR)/$$l.new" "$(DIR)/$$l" && \
	      ln -sfn $$l "$(DIR)/libevrs_openssl.so.0"; } || exit 1; \
	ln -sfn $$l "$(DIR)/$(DROPIN_OPENSSL)"
	@echo "LD_LIBRARY_PATH=$(abspath $(DIR)) program"

clean:
	$(CARGO) clean
	rm -rf build
