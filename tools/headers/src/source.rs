//! Reading the Rust files of a header.
//!
//! Of each file the public `repr(C)` types, type aliases, constants and exported functions are
//! kept, and rewritten so that cbindgen, which sees one header at a time and knows nothing of
//! other files, prints them right.

use crate::table::{self, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Expr, File, Item, Lit, Meta, ReturnType, Type, Visibility};

/// What a header is made of.
#[derive(Debug)]
pub struct Source {
    /// Its row.
    pub row: &'static Row,
    /// The Rust items, ready for cbindgen.
    pub items: Vec<Item>,
    /// What cbindgen cannot say about functions: function, parameter, C++ default argument; without
    /// a value the parameter is a callback that does not throw; without a parameter the function's
    /// name stands in parentheses.
    pub defaults: Vec<(String, String, String)>,
    /// The fragments: head, mid, tail.
    pub fragments: [String; 3],
    /// What is there if a macro is defined, and the macro.
    pub guarded: Vec<(&'static str, Source)>,
}

impl Source {
    fn new(row: &'static Row) -> Self {
        Self {
            row,
            items: Vec::new(),
            defaults: Vec::new(),
            fragments: Default::default(),
            guarded: Vec::new(),
        }
    }

    fn add(&mut self, path: &Path) {
        let text = std::fs::read_to_string(path).expect("a Rust file");
        let file: File =
            syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for mut item in file.items {
            if belongs(&item) {
                clean_docs(&mut item, &mut self.defaults);
                self.items.push(item);
            }
        }
    }
}

/// Reads the files of a row.
pub fn read(root: &Path, row: &'static Row) -> Source {
    let mut source = Source::new(row);
    for path in plain_files(root, row) {
        source.add(&path);
    }
    for (macro_name, path) in row.guarded {
        let mut part = Source::new(row);
        part.add(&root.join("src").join(path));
        source.guarded.push((macro_name, part));
    }
    for (part, text) in ["head", "mid", "tail"].iter().zip(&mut source.fragments) {
        let path = root.join(format!("src/capi/{}.{part}.h", row.capi));
        *text = std::fs::read_to_string(path).unwrap_or_default();
    }
    source
}

/// The Rust files of a row.
pub fn files(root: &Path, row: &Row) -> Vec<PathBuf> {
    let mut files = plain_files(root, row);
    files.extend(row.guarded.iter().map(|(_, path)| root.join("src").join(path)));
    files
}

/// Those that need no macro, as far as they exist, in order: types first.
fn plain_files(root: &Path, row: &Row) -> Vec<PathBuf> {
    let src = root.join("src");
    let mut files: Vec<_> = row.sources.iter().map(|f| src.join(f)).collect();
    let capi = src.join("capi").join(row.capi);
    files.push(capi.with_extension("rs"));
    let mut more: Vec<PathBuf> = std::fs::read_dir(&capi)
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a folder entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect();
    more.sort();
    files.extend(more);
    files.retain(|f| f.is_file());
    files
}

/// Whether an item is for C.
pub fn belongs(item: &Item) -> bool {
    if table::PLAIN_TYPES.contains(&name(item).as_str()) {
        return false;
    }
    match item {
        Item::Const(i) => is_pub(&i.vis) && i.ident != "_" && kept(&i.attrs),
        Item::Type(i) => is_pub(&i.vis) && kept(&i.attrs),
        Item::Struct(i) => is_pub(&i.vis) && has(&i.attrs, "repr") && kept(&i.attrs),
        Item::Union(i) => is_pub(&i.vis) && kept(&i.attrs),
        Item::Enum(i) => is_pub(&i.vis) && has(&i.attrs, "repr") && kept(&i.attrs),
        Item::Static(i) => exported(&i.attrs) && kept(&i.attrs),
        Item::Fn(i) => exported(&i.attrs) && kept(&i.attrs),
        _ => false,
    }
}

/// The name of an item that [`belongs`].
pub fn name(item: &Item) -> String {
    match item {
        Item::Const(i) => i.ident.to_string(),
        Item::Type(i) => i.ident.to_string(),
        Item::Struct(i) => i.ident.to_string(),
        Item::Union(i) => i.ident.to_string(),
        Item::Enum(i) => i.ident.to_string(),
        Item::Static(i) => i.ident.to_string(),
        Item::Fn(i) => i.sig.ident.to_string(),
        _ => String::new(),
    }
}

fn is_pub(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

fn has(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|a| a.path().is_ident(name))
}

/// `#[unsafe(no_mangle)]`.
fn exported(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|a| {
        a.path().is_ident("no_mangle")
            || matches!(&a.meta, Meta::List(l) if l.path.is_ident("unsafe")
                && matches!(l.tokens.to_string().split_whitespace().next(), Some("no_mangle")))
    })
}

/// Neither ignored, nor for tests, nor the naked twin of a variadic function.
fn kept(attrs: &[Attribute]) -> bool {
    !attrs.iter().any(|a| {
        let text = quote::ToTokens::to_token_stream(&a.meta).to_string().replace(' ', "");
        text == "cfg(test)" || text == "unsafe(naked)" || text.contains("cbindgen:ignore")
    })
}

/// The text of a doc attribute.
fn doc(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attr.meta else { return None };
    if !pair.path.is_ident("doc") {
        return None;
    }
    match &pair.value {
        Expr::Lit(lit) => match &lit.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Cuts the docs down to what a C programmer reads, and takes our own annotations out.
fn clean_docs(item: &mut Item, defaults: &mut Vec<(String, String, String)>) {
    let name = name(item);
    let mut cut = Docs { name, defaults };
    cut.visit_item_mut(item);
}

struct Docs<'a> {
    name: String,
    defaults: &'a mut Vec<(String, String, String)>,
}

impl VisitMut for Docs<'_> {
    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        let mut lines: Vec<String> = Vec::new();
        let (mut annotations, mut rust_only) = (Vec::new(), false);
        attrs.retain(|attr| {
            let Some(text) = doc(attr) else {
                // cbindgen has no use for other attributes but these.
                let text = quote::ToTokens::to_token_stream(&attr.meta).to_string();
                return text.starts_with("repr") || text.contains("no_mangle");
            };
            for line in text.lines() {
                let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
                if let Some(rest) = line.trim().strip_prefix("evrs:default ") {
                    let (param, value) = rest.split_once('=').expect("evrs:default name = value");
                    self.defaults.push((
                        self.name.clone(),
                        param.trim().to_owned(),
                        value.trim().to_owned(),
                    ));
                } else if line.trim() == "evrs:parenthesised" {
                    self.defaults.push((self.name.clone(), String::new(), String::new()));
                } else if let Some(params) = line.trim().strip_prefix("evrs:noexcept ") {
                    for param in params.split_whitespace() {
                        self.defaults.push((self.name.clone(), param.to_owned(), String::new()));
                    }
                } else if line.trim().starts_with("cbindgen:") {
                    annotations.push(line.trim().to_owned());
                } else if line == "# Safety" {
                    rust_only = true;
                } else if !rust_only {
                    lines.push(crate::text::doc_line(line));
                }
            }
            if text.is_empty() && !rust_only {
                lines.push(String::new());
            }
            false
        });
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        if !annotations.is_empty() && !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(annotations);
        for line in lines {
            // The space is what rustdoc's comments have, and cbindgen expects.
            let line = if line.is_empty() { line } else { format!(" {line}") };
            attrs.push(syn::parse_quote!(#[doc = #line]));
        }
    }
}

/// What the names of all headers are in C.
#[derive(Debug, Default)]
pub struct Names {
    /// `enum` tags.
    pub enums: BTreeSet<String>,
    /// Structures and unions that a header defines, with the keyword.
    pub tags: BTreeMap<String, &'static str>,
    /// Aliases: the header that has them, and what they stand for.
    pub aliases: BTreeMap<String, (&'static str, Type)>,
}

impl Names {
    /// Collects the names of all rows.
    pub fn of(sources: &[Source]) -> Self {
        let mut names = Self::default();
        let parts = sources.iter().flat_map(|s| s.guarded.iter().map(|(_, part)| part));
        for source in sources.iter().chain(parts) {
            for item in &source.items {
                match item {
                    Item::Enum(i) => drop(names.enums.insert(i.ident.to_string())),
                    Item::Struct(i) => drop(names.tags.insert(i.ident.to_string(), "struct")),
                    Item::Union(i) => drop(names.tags.insert(i.ident.to_string(), "union")),
                    Item::Type(i) => {
                        let what = (source.row.out, (*i.ty).clone());
                        names.aliases.insert(i.ident.to_string(), what);
                    }
                    _ => {}
                }
            }
        }
        names
    }

    /// The enum behind a `x_raw`.
    pub fn raw_enum<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_suffix("_raw").filter(|e| self.enums.contains(*e))
    }
}

/// The headers that `out` includes, itself among them.
pub fn reach(out: &str) -> BTreeSet<&'static str> {
    let mut seen = BTreeSet::new();
    let mut todo = vec![out.to_owned()];
    while let Some(next) = todo.pop() {
        if let Some(row) = table::ROWS.iter().find(|r| r.out == next)
            && seen.insert(row.out)
        {
            todo.extend(row.includes.iter().map(|i| (*i).to_owned()));
        }
    }
    seen
}

/// Replaces aliases that the header does not see by what they stand for.
pub struct Expand<'a> {
    /// All names.
    pub names: &'a Names,
    /// The headers in reach.
    pub reach: &'a BTreeSet<&'static str>,
}

impl VisitMut for Expand<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && let Some(last) = path.path.segments.last()
        {
            let name = last.ident.to_string();
            if name == "isize" {
                *ty = syn::parse_quote!(ssize_t);
                return;
            }
            if let Some((header, target)) = self.names.aliases.get(&name)
                && !self.reach.contains(header)
                && self.names.raw_enum(&name).is_none()
            {
                *ty = target.clone();
            }
        }
        syn::visit_mut::visit_type_mut(self, ty);
    }
}

/// The type names that items mention, behind `*`, in functions and anywhere.
#[derive(Debug, Default)]
pub struct Mentions(pub BTreeSet<String>);

impl<'ast> Visit<'ast> for Mentions {
    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        if let Some(last) = path.path.segments.last() {
            self.0.insert(last.ident.to_string());
        }
        syn::visit::visit_type_path(self, path);
    }
    // Bodies are none of our business.
    fn visit_block(&mut self, _: &'ast syn::Block) {}
    fn visit_return_type(&mut self, ret: &'ast ReturnType) {
        syn::visit::visit_return_type(self, ret);
    }
}
