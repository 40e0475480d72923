//! Gives the shared object its SONAME and compiles the C shim behind the variadic functions.

fn main() {
    println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libevrs.so.0");
    println!("cargo::rerun-if-changed=build.rs");
}
