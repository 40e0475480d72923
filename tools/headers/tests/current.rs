//! `include/` is what the sources say, and says all that they say.

use evrs_headers::{all, root, source, table};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn include_is_current() {
    let root = root();
    let stale: Vec<_> = all(&root)
        .into_iter()
        .filter(|(name, text)| {
            std::fs::read_to_string(root.join("include").join(name)).ok().as_ref() != Some(text)
        })
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "run cargo run -p evrs-headers: {stale:?}");
}

#[test]
fn include_has_nothing_else() {
    let include = root().join("include");
    for file in tree(&include, "h") {
        let name = file.strip_prefix(&include).expect("below include/");
        assert!(table::ROWS.iter().any(|r| Path::new(r.out) == name), "{}", name.display());
    }
}

#[test]
fn every_item_is_in_its_header() {
    let root = root();
    let headers = all(&root);
    for row in table::ROWS {
        let text = &headers.iter().find(|(name, _)| *name == row.out).expect("a header").1;
        let words: BTreeSet<&str> =
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        for path in source::files(&root, row) {
            for item in parse(&path).items.iter().filter(|i| source::belongs(i)) {
                let name = source::name(item);
                let name = name.strip_suffix("_raw").unwrap_or(&name);
                // Parts of structures that are spelled out in place.
                if !evrs_headers::text::RENAME.iter().any(|(from, _)| *from == name) {
                    assert!(
                        words.contains(name),
                        "{}: {name} is not in {}",
                        path.display(),
                        row.out
                    );
                }
            }
        }
    }
}

#[test]
fn every_file_of_capi_has_a_header() {
    let root = root();
    let known: BTreeSet<PathBuf> =
        table::ROWS.iter().flat_map(|row| source::files(&root, row)).collect();
    let capi = root.join("src/capi");
    for file in tree(&capi, "rs") {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        if known.contains(&file) || table::NO_HEADER.contains(&name.as_str()) {
            continue;
        }
        panic!("{} is in no row of the table", file.display());
    }
    let fragments: BTreeSet<PathBuf> = table::ROWS
        .iter()
        .flat_map(|row| ["head", "mid", "tail"].map(|p| capi.join(format!("{}.{p}.h", row.capi))))
        .collect();
    for file in tree(&capi, "h") {
        assert!(fragments.contains(&file), "{} is in no header", file.display());
    }
}

fn parse(path: &Path) -> syn::File {
    syn::parse_file(&std::fs::read_to_string(path).expect("a Rust file")).expect("Rust")
}

fn tree(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            out.extend(tree(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            out.push(path);
        }
    }
    out.sort();
    out
}
