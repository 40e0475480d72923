//! `cargo run -p evrs-headers`: writes `include/`. With `--check` it writes nothing and fails
//! when a header is not what it would write; `--out DIR` writes elsewhere.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = evrs_headers::root();
    let (mut out, mut check) = (root.join("include"), false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.next()) {
            ("--check", None) => check = true,
            ("--out", Some(dir)) => out = PathBuf::from(dir),
            _ => {
                eprintln!("usage: evrs-headers [--out DIR] [--check]");
                return ExitCode::from(2);
            }
        }
    }
    let mut stale = 0;
    for (name, text) in evrs_headers::all(&root) {
        let path = out.join(name);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        stale += 1;
        if check {
            eprintln!("{name} is not what the sources say: run cargo run -p evrs-headers");
        } else {
            println!("{name}");
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("include/");
            std::fs::write(&path, text).expect("a header");
        }
    }
    if check && stale > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
