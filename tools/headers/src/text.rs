//! What is done to text, before and after cbindgen.

use std::collections::BTreeSet;

/// Names that are others in C: parts of structures that cbindgen cannot say.
pub const RENAME: &[(&str, &str)] = &[
    ("evhttp_request_bits", "unsigned chunked : 1;\n    unsigned"),
    ("evutil_addrinfo", "struct evutil_addrinfo"),
    ("evbuffer_iovec", "struct evbuffer_iovec"),
];

/// A line of documentation as C readers see it: no links of rustdoc, no end of comment.
pub fn doc_line(line: &str) -> String {
    let mut out = line.replace("/*", "/ *").replace("*/", "* /");
    // [`x`](path), and [`x`].
    while let Some(at) = out.find("`](") {
        let Some(end) = out[at..].find(')') else { break };
        out.replace_range(at + 1..=at + end, "");
    }
    out.replace("[`", "`").replace("`]", "`")
}

/// Splits cbindgen's output into items: types and constants in an order that C takes, and
/// functions.
pub fn arrange(
    printed: &str,
    order: &[String],
    defaults: &[(String, String, String)],
) -> (String, String) {
    let (mut constants, mut types, mut functions) = (Vec::new(), Vec::new(), Vec::new());
    for item in items(printed) {
        let item = tidy(&item);
        let code = code(&item);
        if code.starts_with("#define") {
            constants.push(item);
        } else if ["enum ", "struct ", "union ", "typedef "].iter().any(|k| code.starts_with(k))
            && (code.contains('{') || code.starts_with("typedef ") || !code.contains('('))
        {
            types.push(strip_comma(&item));
        } else {
            functions.push(with_defaults(&item, defaults));
        }
    }
    // A structure without its content says nothing: forward declarations are made elsewhere.
    types.retain(|t| code(t).starts_with("typedef") || code(t).contains('{'));
    let types = sorted(types, order);
    let first = constants.join("\n");
    (format!("{first}\n\n{}", types.join("\n\n")), functions.join("\n\n"))
}

/// The items of a C text, each with its comment.
fn items(printed: &str) -> Vec<String> {
    let (mut out, mut item, mut depth, mut comment) = (Vec::new(), String::new(), 0_i32, false);
    for line in printed.lines() {
        let line = line.trim_end();
        if line.is_empty() && item.trim().is_empty() {
            continue;
        }
        item.push_str(line);
        if line.starts_with("/*") {
            comment = true;
        }
        if comment {
            comment = !line.ends_with("*/");
            item.push('\n');
            continue;
        }
        if !line.trim_start().starts_with('*') && !line.trim_start().starts_with("/*") {
            depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
        }
        if depth == 0 && (line.ends_with(';') || line.starts_with("#define")) {
            out.push(std::mem::take(&mut item));
        } else {
            item.push('\n');
        }
    }
    assert!(item.trim().is_empty(), "cbindgen's output ends in the middle of: {item}");
    out
}

/// `/** text */` where the text is one line. The blank line that an annotation leaves at the end
/// of a comment goes, and the macros around a prototype stand in its lines.
fn tidy(item: &str) -> String {
    let mut lines: Vec<String> = item.lines().map(str::to_owned).collect();
    for i in (0..lines.len()).rev() {
        if lines[i].trim() == "*" && lines.get(i + 1).is_some_and(|l| l.trim() == "*/") {
            lines.remove(i);
        } else if lines.get(i + 1).is_some_and(|l| l.starts_with("EV_NOEXCEPT"))
            || lines[i] == "EV_API_DECL"
        {
            let next = lines.remove(i + 1);
            lines[i] = format!("{} {next}", lines[i]);
        }
    }
    let mut out = Vec::new();
    let mut i = 0;
    while let Some(line) = lines.get(i) {
        let one = (line.trim() == "/**" && lines.get(i + 2).is_some_and(|l| l.trim() == "*/"))
            .then(|| lines[i + 1].trim().strip_prefix("* "))
            .flatten();
        if let Some(text) = one {
            out.push(format!("{}** {text} */", &line[..line.len() - 2]));
            i += 3;
        } else {
            out.push(line.clone());
            i += 1;
        }
    }
    out.join("\n")
}

/// An item without its leading comment.
fn code(item: &str) -> &str {
    let mut rest = item.trim_start();
    while rest.starts_with("/*") {
        rest = rest.split_once("*/").expect("the end of a comment").1.trim_start();
    }
    rest
}

/// C89 has no comma after the last enumerator.
fn strip_comma(item: &str) -> String {
    item.replace(",\n};", "\n};").replace(",\n} ", "\n} ")
}

/// The annotations that cbindgen does not know: `EV_CPP (= value)` after parameters that C++ may
/// leave out, `EV_NOEXCEPT` after callbacks, parentheses around names.
fn with_defaults(item: &str, defaults: &[(String, String, String)]) -> String {
    let mut out = item.to_owned();
    for (function, param, value) in defaults {
        let start = out.len() - code(&out).len();
        if !contains_word(out[start..].split('(').next().unwrap_or(""), function) {
            continue;
        }
        if param.is_empty() {
            let at = out[start..].find(function.as_str()).expect("the name");
            out.replace_range(start + at..start + at + function.len(), &format!("({function})"));
            continue;
        }
        if value.is_empty() {
            let callback = format!("(*{param})(");
            let at = start + out[start..].find(&callback).expect("a callback") + callback.len();
            let mut depth = 1;
            let end = out[at..].find(|c| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            out.insert_str(at + end.expect("the end of its parameters") + 1, " EV_NOEXCEPT");
            continue;
        }
        let at = [format!("{param},"), format!("{param})")]
            .iter()
            .find_map(|end| out[start..].find(end.as_str()))
            .unwrap_or_else(|| panic!("{function} has no parameter {param}"));
        out.insert_str(start + at + param.len(), &format!(" EV_CPP (= {value})"));
    }
    out
}

fn contains_word(text: &str, word: &str) -> bool {
    words(text).any(|w| w == word)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty())
}

/// The name that a type item defines.
fn defines(item: &str) -> String {
    let code = code(item);
    if code.starts_with("typedef") && !code.contains('{') {
        let inner = code.trim_end_matches(';');
        // `typedef void (*name)(...)` or `typedef int name`.
        return match inner.split_once("(*") {
            Some((_, rest)) => words(rest).next().unwrap_or("").to_owned(),
            None => words(inner).last().unwrap_or("").to_owned(),
        };
    }
    let code = code.strip_prefix("typedef ").unwrap_or(code);
    words(code).nth(1).unwrap_or("").to_owned()
}

/// Puts types into the order of the sources, but each after those it contains.
fn sorted(types: Vec<String>, order: &[String]) -> Vec<String> {
    let mut types: Vec<(usize, String, String)> = types
        .into_iter()
        .map(|text| {
            let name = defines(&text);
            (order.iter().position(|o| *o == name).unwrap_or(usize::MAX), name, text)
        })
        .collect();
    types.sort_by_key(|(at, ..)| *at);
    let mut out: Vec<String> = Vec::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    while !types.is_empty() {
        let waiting: BTreeSet<String> = types.iter().map(|(_, name, _)| name.clone()).collect();
        let next = types
            .iter()
            .position(|(_, name, text)| {
                needs(text).iter().all(|n| n == name || !waiting.contains(n) || done.contains(n))
            })
            .unwrap_or_else(|| panic!("types contain each other: {waiting:?}"));
        let (_, name, text) = types.remove(next);
        done.insert(name);
        out.push(text);
    }
    out
}

/// The types that have to be complete before an item: all it names, but structures and unions
/// behind a `*`.
fn needs(item: &str) -> BTreeSet<String> {
    let mut code = String::new();
    let mut rest = item;
    while let Some((before, after)) = rest.split_once("/*") {
        code.push_str(before);
        rest = after.split_once("*/").expect("the end of a comment").1;
    }
    code.push_str(rest);
    let mut needs = BTreeSet::new();
    let tokens: Vec<&str> = tokens(&code);
    for (i, token) in tokens.iter().enumerate() {
        let after_tag = i > 0 && matches!(tokens[i - 1], "struct" | "union");
        let pointer = tokens.get(i + 1) == Some(&"*");
        if !(after_tag && pointer) {
            needs.insert((*token).to_owned());
        }
    }
    needs
}

fn tokens(code: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let len = if first.is_ascii_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        out.push(&rest[..len]);
        rest = rest[len..].trim_start();
    }
    out
}
