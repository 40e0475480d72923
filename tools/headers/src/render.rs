//! Printing a header.

use crate::source::{Expand, Mentions, Names, Source};
use crate::table::{self, Style};
use crate::text;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{File, Item};

/// The text of a header.
pub fn header(source: &Source, names: &Names) -> String {
    let row = source.row;
    let [head, mid, tail] = &source.fragments;
    let (types, functions) = declarations(source, names);
    let forward = forward(source, names);
    let mut out = String::new();
    let file = row.out;
    let _ = write!(
        out,
        "/* {file}: {}\n *\n * Part of evrs. Made by tools/headers out of the Rust sources: change those. */\n\
         #ifndef {guard}\n#define {guard}\n\n",
        row.about,
        guard = row.guard
    );
    for include in row.includes {
        let _ = writeln!(out, "#include <{include}>");
    }
    if !row.includes.is_empty() {
        out.push('\n');
    }
    block(&mut out, head);
    let declares = !(forward.is_empty() && types.is_empty() && functions.is_empty());
    let wrap = !row.plain && (declares || !mid.is_empty() || !tail.is_empty());
    if wrap {
        out.push_str("#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    }
    block(&mut out, &forward);
    block(&mut out, &types);
    block(&mut out, mid);
    block(&mut out, &functions);
    for (macro_name, part) in &source.guarded {
        let (types, functions) = declarations(part, names);
        let _ = write!(out, "#ifdef {macro_name}\n\n");
        for line in self::forward(part, names).lines().filter(|l| !forward.contains(l)) {
            let _ = writeln!(out, "{line}");
        }
        out.push('\n');
        block(&mut out, &types);
        block(&mut out, &functions);
        let _ = write!(out, "#endif /* {macro_name} */\n\n");
    }
    block(&mut out, tail);
    if wrap {
        out.push_str("#ifdef __cplusplus\n}\n#endif\n\n");
    }
    let _ = writeln!(out, "#endif /* {} */", row.guard);
    out
}

/// A part of a header and an empty line.
fn block(out: &mut String, text: &str) {
    let text = text.trim_matches('\n');
    if !text.is_empty() {
        out.push_str(text);
        out.push_str("\n\n");
    }
}

/// The structures that the header only points to, and its own, which point to each other.
fn forward(source: &Source, names: &Names) -> String {
    let mut out = String::new();
    for (name, keyword) in tags(source, names) {
        let _ = writeln!(out, "{keyword} {name};");
    }
    out
}

/// Every tag a header mentions.
fn tags(source: &Source, names: &Names) -> Vec<(String, &'static str)> {
    let mut mentions = Mentions::default();
    let mut file = File { shebang: None, attrs: Vec::new(), items: source.items.clone() };
    let reach = crate::source::reach(source.row.out);
    Expand { names, reach: &reach }.visit_file_mut(&mut file);
    for item in &file.items {
        // A `x_raw` and the type behind it are no tags.
        if !matches!(item, Item::Type(i) if names.raw_enum(&i.ident.to_string()).is_some()) {
            mentions.visit_item(item);
        }
    }
    mentions
        .0
        .into_iter()
        .filter(|name| {
            !is_plain(name)
                && !names.aliases.contains_key(name)
                && !names.enums.contains(name)
                && names.raw_enum(name).is_none()
        })
        .map(|name| {
            let keyword = names.tags.get(&name).copied().unwrap_or("struct");
            (name, keyword)
        })
        .collect()
}

/// A type of C or of a system header, or a part of Rust's syntax.
fn is_plain(name: &str) -> bool {
    name.starts_with("c_")
        || table::PLAIN_TYPES.contains(&name)
        || matches!(
            name,
            "Option"
                | "u8"
                | "u16"
                | "u32"
                | "u64"
                | "usize"
                | "i8"
                | "i16"
                | "i32"
                | "i64"
                | "isize"
                | "f32"
                | "f64"
                | "bool"
                | "Self"
                | "VaList"
        )
}

/// Types and constants, and functions, as C text.
fn declarations(source: &Source, names: &Names) -> (String, String) {
    let reach = crate::source::reach(source.row.out);
    let mut file = File { shebang: None, attrs: Vec::new(), items: source.items.clone() };
    file.items.retain(|item| match item {
        Item::Type(i) => {
            let name = i.ident.to_string();
            names.raw_enum(&name).is_none() && !text::RENAME.iter().any(|(from, _)| *from == name)
        }
        _ => true,
    });
    Expand { names, reach: &reach }.visit_file_mut(&mut file);
    if file.items.is_empty() {
        return Default::default();
    }
    let own: BTreeSet<String> = file.items.iter().map(crate::source::name).collect();
    let mut rename = HashMap::new();
    for (name, keyword) in tags(source, names) {
        if !own.contains(&name) {
            rename.insert(name.clone(), format!("{keyword} {name}"));
        }
    }
    for name in &names.enums {
        rename.insert(format!("{name}_raw"), format!("enum {name}"));
    }
    for (from, to) in text::RENAME {
        rename.insert((*from).to_owned(), (*to).to_owned());
    }
    let rust = quote::ToTokens::to_token_stream(&file).to_string();
    // Tests do this in several threads at a time.
    static SERIAL: AtomicUsize = AtomicUsize::new(0);
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let scratch =
        std::env::temp_dir().join(format!("evrs-headers.{}.{serial}.rs", std::process::id()));
    std::fs::write(&scratch, rust).expect("a scratch file");
    let config = cbindgen::Config {
        language: cbindgen::Language::C,
        style: match source.row.style {
            Style::Tag => cbindgen::Style::Tag,
            Style::Both => cbindgen::Style::Both,
        },
        no_includes: true,
        usize_is_size_t: true,
        line_length: 96,
        tab_width: 4,
        documentation_style: cbindgen::DocumentationStyle::Doxy,
        sort_by: cbindgen::SortKey::None,
        function: cbindgen::FunctionConfig {
            prefix: Some(source.row.prefix.to_owned()).filter(|p| !p.is_empty()),
            ..Default::default()
        },
        export: cbindgen::ExportConfig {
            include: file
                .items
                .iter()
                .filter(|i| !matches!(i, Item::Fn(_) | Item::Const(_) | Item::Static(_)))
                .map(crate::source::name)
                .collect(),
            rename,
            ..Default::default()
        },
        ..Default::default()
    };
    let bindings = cbindgen::Builder::new().with_src(&scratch).with_config(config).generate();
    let _ = std::fs::remove_file(&scratch);
    let mut printed = Vec::new();
    bindings.unwrap_or_else(|e| panic!("{}: {e}", source.row.out)).write(&mut printed);
    let printed = String::from_utf8(printed).expect("UTF-8");
    let order: Vec<String> = file.items.iter().map(crate::source::name).collect();
    text::arrange(&printed, &order, &source.defaults)
}
