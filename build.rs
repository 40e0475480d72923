//! Compiles what stable Rust cannot say: the variadic functions, and variables of a thread.
//!
//! The SONAME of the shared object is not set here: cargo warns about a cdylib link argument in a
//! package whose crate types name no cdylib, and ours come from the Makefile's command line.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let files = ["src/capi/variadic.c", "src/sys/thread.c"];
    for file in files {
        println!("cargo::rerun-if-changed={file}");
    }
    cc::Build::new()
        .files(files)
        .std("c11")
        .warnings(true)
        .extra_warnings(true)
        .compile("evrs_shim");
}
