//! The headers as compilers see them: each alone in every standard, and every one before and
//! after every other.

use evrs_headers::{root, table};
use std::path::PathBuf;
use std::process::Command;

const C: &[&str] = &["c89", "gnu89", "c99", "c11", "c17", "c2x", "gnu2x"];
const CXX: &[&str] = &["c++11", "c++14", "c++17", "c++20"];

/// `ev.h` has inline functions, as the original: no C89. `ev++.h` is for C++.
fn takes(header: &str, standard: &str) -> bool {
    match header {
        "ev.h" => standard != "c89",
        "ev++.h" => standard.starts_with("c++"),
        _ => true,
    }
}

/// Compiles units, each a list of headers; the complaints of the compiler.
fn compile(units: &[Vec<&str>], standard: &str, flags: &[&str]) -> String {
    let cxx = standard.starts_with("c++");
    let dir = std::env::temp_dir().join(format!(
        "evrs-headers.{}.{standard}.{}",
        std::process::id(),
        units.len()
    ));
    std::fs::create_dir_all(&dir).expect("a folder");
    let files: Vec<PathBuf> = units
        .iter()
        .enumerate()
        .map(|(i, unit)| {
            let file = dir.join(format!("{i}.{}", if cxx { "cc" } else { "c" }));
            let lines: String = unit
                .iter()
                .map(|h| {
                    if h.starts_with('/') {
                        format!("#include \"{h}\"\n")
                    } else {
                        format!("#include <{h}>\n")
                    }
                })
                .collect();
            std::fs::write(&file, lines + "int unit(void);\n").expect("a file");
            file
        })
        .collect();
    let out = Command::new(if cxx { "c++" } else { "cc" })
        .arg(format!("-std={standard}"))
        .args(["-fsyntax-only", "-Wall", "-Wextra", "-Werror"])
        .args(flags)
        .arg("-I")
        .arg(root().join("include"))
        .args(files)
        .output()
        .expect("a C compiler");
    let _ = std::fs::remove_dir_all(&dir);
    if out.status.success() {
        String::new()
    } else {
        format!("{standard}: {}", String::from_utf8_lossy(&out.stderr))
    }
}

#[test]
fn each_alone_in_every_standard() {
    for standard in C.iter().chain(CXX) {
        let units: Vec<Vec<&str>> = table::ROWS
            .iter()
            .map(|row| row.out)
            .filter(|h| takes(h, standard) && *h != "ev++.h")
            .map(|h| vec![h])
            .collect();
        for flags in [&["-pedantic"][..], &["-pedantic", "-DEVENT__HAVE_MBEDTLS=1"]] {
            let said = compile(&units, standard, flags);
            assert!(said.is_empty(), "{said}");
        }
    }
}

#[test]
fn each_twice_and_before_and_after_all_others() {
    let libevent: Vec<&str> = table::ROWS
        .iter()
        .map(|row| row.out)
        .filter(|h| !h.starts_with("ev.") && !h.starts_with("ev+"))
        .collect();
    for standard in ["gnu17", "c++17"] {
        let mut units = Vec::new();
        for first in &libevent {
            let mut rest: Vec<&str> = libevent.iter().copied().filter(|h| h != first).collect();
            for _ in 0..2 {
                units.push([vec![*first], rest.clone(), vec![*first]].concat());
                rest.reverse();
            }
        }
        let said = compile(&units, standard, &[]);
        assert!(said.is_empty(), "{said}");
    }
}

/// The flags of the two libraries have the same names. Including both compiles, in either order,
/// and means the same.
#[test]
fn libevent_and_libev_in_one_unit() {
    let both = root().join("tools/headers/tests/both.c");
    let both = format!("{}", both.display());
    for standard in ["gnu17", "c++17"] {
        let mut units = vec![vec!["event.h", "ev.h", &both], vec!["ev.h", "event.h", &both]];
        for row in table::ROWS.iter().filter(|r| !r.out.starts_with("ev+")) {
            units.push(vec![row.out, "ev.h"]);
            units.push(vec!["ev.h", row.out]);
        }
        let said = compile(&units, standard, &[]);
        assert!(said.is_empty(), "{said}");
    }
    let orders = [
        vec!["event.h", "ev++.h", &both],
        vec!["ev++.h", "event.h", &both],
        vec!["ev.h", "event.h", "ev++.h", &both],
    ];
    let said = compile(&orders, "c++17", &["-Wno-parentheses"]);
    assert!(said.is_empty(), "{said}");
}

/// Layouts and values are those of the reference.
#[test]
fn facts_hold() {
    let facts = root().join("tools/headers/tests/facts.c");
    let facts = format!("{}", facts.display());
    for standard in ["gnu17", "c++17"] {
        let unit = vec![facts.as_str()];
        let said = compile(&[unit], standard, &[]);
        assert!(said.is_empty(), "{said}");
    }
}
