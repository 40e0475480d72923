//! Compiles the part that has to see mbedTLS's headers.
//!
//! Only the Makefile asks for it, by `EVRS_TLS`, when they are there: lints and checks, which link
//! nothing, do without.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/shape.c");
    println!("cargo::rerun-if-env-changed=EVRS_TLS");
    if std::env::var_os("EVRS_TLS").is_some() {
        cc::Build::new()
            .file("src/shape.c")
            .std("c11")
            .warnings(true)
            .extra_warnings(true)
            .compile("evrs_mbedtls_shape");
    }
}
