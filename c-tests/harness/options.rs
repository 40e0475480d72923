//! The `/* harness: ... */` comments at the head of a C test.

use std::path::Path;

/// What a test asks of the harness; see `c-tests/README.md` for the words.
#[derive(Clone, Debug)]
pub struct Options {
    pub backends: Vec<String>,
    pub env: Vec<(String, String)>,
    pub args: Vec<String>,
    pub cflags: Vec<String>,
    pub libs: Vec<String>,
    pub expect: Option<String>,
    pub stdin: Option<String>,
    pub only: Option<String>,
    pub skip: Option<String>,
    pub timeout: u64,
    pub valgrind: bool,
    pub asan: bool,
    pub tsan: bool,
    pub netns: bool,
    pub serial: bool,
    pub openssl: bool,
    pub mbedtls: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            backends: Vec::new(),
            env: Vec::new(),
            args: Vec::new(),
            cflags: Vec::new(),
            libs: Vec::new(),
            expect: None,
            stdin: None,
            only: None,
            skip: None,
            timeout: 30,
            valgrind: false,
            asan: false,
            tsan: false,
            netns: false,
            serial: false,
            openssl: false,
            mbedtls: false,
        }
    }
}

/// Reads every harness comment of a source file.
pub fn read(path: &Path) -> Result<Options, String> {
    let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    parse(&String::from_utf8_lossy(&text))
}

fn parse(text: &str) -> Result<Options, String> {
    let mut o = Options::default();
    let mut rest = text;
    while let Some(at) = rest.find("/* harness:") {
        rest = &rest[at + "/* harness:".len()..];
        let end = rest.find("*/").ok_or("unfinished harness comment")?;
        // The words end with their line, unless that ends in a semicolon; prose may follow.
        for line in rest[..end].lines() {
            let line = line.trim().trim_start_matches("* ");
            for word in line.split(';') {
                one(&mut o, word.trim())?;
            }
            if !line.ends_with(';') {
                break;
            }
        }
        rest = &rest[end..];
    }
    Ok(o)
}

fn words(s: &str) -> Vec<String> {
    s.split_whitespace().map(str::to_owned).collect()
}

fn one(o: &mut Options, word: &str) -> Result<(), String> {
    let (key, value) = match word.split_once('=') {
        Some((k, v)) => (k.trim(), v.trim()),
        None => (word, ""),
    };
    match key {
        "" => {}
        "backends" => o.backends = value.split(',').map(|b| b.trim().to_owned()).collect(),
        "env" => {
            for pair in value.split(',') {
                let (k, v) = pair.trim().split_once('=').unwrap_or((pair.trim(), "1"));
                o.env.push((k.to_owned(), v.to_owned()));
            }
        }
        "args" => o.args = words(value),
        "cflags" => o.cflags = words(value),
        "libs" => o.libs = words(value),
        "expect" => o.expect = Some(value.to_owned()),
        "stdin" => o.stdin = Some(value.to_owned()),
        "only" if value == "evrs" => o.only = Some(value.to_owned()),
        "skip" => o.skip = Some(value.to_owned()),
        "timeout" => o.timeout = value.parse().map_err(|_| format!("timeout={value}?"))?,
        "valgrind" => o.valgrind = true,
        "asan" => o.asan = true,
        "threads" if value == "tsan" => o.tsan = true,
        "netns" => o.netns = true,
        "serial" => o.serial = true,
        "openssl" => o.openssl = true,
        "mbedtls" => o.mbedtls = true,
        _ => return Err(format!("unknown harness option `{word}`")),
    }
    Ok(())
}

/// The environment that leaves one backend standing, in libevent's words and in libev's.
pub fn backend_env(backend: &str) -> Result<Vec<(String, String)>, String> {
    let flag = match backend {
        "select" => "1",
        "poll" => "2",
        "epoll" => "4",
        "linuxaio" => "64",
        "iouring" => "128",
        "changelist" => {
            return Ok(vec![("EVENT_EPOLL_USE_CHANGELIST".into(), "1".into())]);
        }
        _ => return Err(format!("unknown backend `{backend}`")),
    };
    let mut env = vec![("LIBEV_FLAGS".to_owned(), flag.to_owned())];
    for (name, var) in
        [("epoll", "EVENT_NOEPOLL"), ("poll", "EVENT_NOPOLL"), ("select", "EVENT_NOSELECT")]
    {
        if name != backend {
            env.push((var.to_owned(), "1".to_owned()));
        }
    }
    Ok(env)
}
