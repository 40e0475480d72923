//! Compiles the C shim behind the variadic functions.
//!
//! The SONAME of the shared object is not set here: cargo warns about a cdylib link argument in a
//! package whose crate types name no cdylib, and ours come from the Makefile's command line.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/capi/variadic.c");
    cc::Build::new()
        .file("src/capi/variadic.c")
        .std("c11")
        .warnings(true)
        .extra_warnings(true)
        .compile("evrs_shim");
}
