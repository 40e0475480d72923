//! The public C headers, made out of the Rust sources.
//!
//! [`table`] has a row for each header. [`source`] reads the Rust files of a row and keeps what
//! belongs into a header; [`render`] lets cbindgen print it and puts the hand-written C parts
//! around it; [`text`] does to the printed text what cbindgen cannot.
//!
//! A Rust item reaches the header with its docs, up to the section `# Safety`, which is for Rust
//! readers. In these docs a line may say how the item looks in C:
//!
//! - `cbindgen:postfix=X`: X stands after the prototype (attributes).
//! - `cbindgen:ptrs-as-arrays=[[sv;2]]`: the parameter `sv` is `sv[2]`.
//! - `cbindgen:ignore`: the item is not in the header.
//! - `evrs:default flags = 0`: in C++ the parameter `flags` may be left out.
//! - `evrs:noexcept cb`: in C++ the callback `cb` must not throw.
//! - `evrs:parenthesised`: the name stands in parentheses, so that a function-like macro of the
//!   same name does no harm.
//!
//! Types: an alias `x_raw` of an enum `x` is `enum x` in C; `isize` is `ssize_t`; a name that no
//! row knows is the tag of a structure that C only points to.

pub mod render;
pub mod source;
pub mod table;
pub mod text;

use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// All headers: path below `include/`, content.
pub fn all(root: &Path) -> Vec<(&'static str, String)> {
    let rows: Vec<_> = table::ROWS.iter().map(|row| source::read(root, row)).collect();
    let names = source::Names::of(&rows);
    rows.iter().map(|row| (row.row.out, render::header(row, &names))).collect()
}
