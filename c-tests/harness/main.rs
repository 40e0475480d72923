//! Runs every C program under `c-tests/` on the reference libraries and on evrs.
//!
//! The rule: same program, both libraries, the same standard output and the same exit status.
//! Standard error is free. `c-tests/README.md` says how to write a test.
//!
//!     cargo test --test c                        everything
//!     cargo test --test c -- event/              one group
//!     EVRS_VALGRIND=1 cargo test --test c        the trials under valgrind as well
//!     EVRS_PROFILE=release cargo test --test c   the optimised library

#[path = "build.rs"]
mod build;
#[path = "options.rs"]
mod options;
#[path = "run.rs"]
mod run;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use build::{Site, Variant};
use libtest_mimic::{Arguments, Failed, Trial};
use options::Options;
use run::Outcome;

/// Folders whose programs are not trials of their own.
const NOT_GROUPS: [&str; 4] = ["harness", "kit", "listings", "packaging"];

/// A test that asks to be alone takes this for writing, every other one for reading.
static ALONE: RwLock<()> = RwLock::new(());

#[derive(Clone)]
struct Case {
    site: Arc<Site>,
    source: PathBuf,
    name: String,
    opt: Options,
    backend: Option<String>,
}

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let site = match Site::prepare() {
        Ok(s) => Arc::new(s),
        Err(e) => {
            eprintln!("c-tests: {e}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for source in build::files(&site.tests) {
        let Ok(rel) = source.strip_prefix(&site.tests) else { continue };
        let group = rel.iter().next().and_then(|g| g.to_str()).unwrap_or("");
        let kind = rel.extension().and_then(|e| e.to_str()).unwrap_or("");
        if NOT_GROUPS.contains(&group) || !matches!(kind, "c" | "cc" | "cpp") {
            continue;
        }
        let name = rel.with_extension("").to_string_lossy().into_owned();
        match options::read(&source) {
            Ok(opt) => add_trials(&mut trials, &site, &source, &name, opt),
            Err(e) => trials.push(Trial::test(name, move || Err(Failed::from(e)))),
        }
    }
    libtest_mimic::run(&args, trials).exit_code()
}

fn add_trials(trials: &mut Vec<Trial>, site: &Arc<Site>, source: &Path, name: &str, opt: Options) {
    let backends: Vec<Option<String>> = match opt.backends.is_empty() {
        true => vec![None],
        false => opt.backends.iter().cloned().map(Some).collect(),
    };
    for backend in backends {
        let label = match &backend {
            Some(b) => format!("{name}@{b}"),
            None => name.to_owned(),
        };
        let case = Case {
            site: Arc::clone(site),
            source: source.to_path_buf(),
            name: label.clone(),
            opt: opt.clone(),
            backend,
        };
        let skipped = opt.skip.is_some() || site.lacks(&opt).is_some();
        let c = case.clone();
        trials.push(Trial::test(label.clone(), move || c.compare()).with_ignored_flag(skipped));
        // valgrind 3.19 knows neither of the two: what the kernel writes into their shared rings
        // does not reach the program.
        let rings = matches!(case.backend.as_deref(), Some("iouring" | "linuxaio"));
        if opt.valgrind && !rings {
            let off = skipped || std::env::var_os("EVRS_VALGRIND").is_none();
            let c = case.clone();
            trials.push(
                Trial::test(format!("{label} (valgrind)"), move || c.valgrind())
                    .with_ignored_flag(off),
            );
        }
        for (wanted, variant) in [(opt.asan, Variant::Asan), (opt.tsan, Variant::Tsan)] {
            if wanted {
                let c = case.clone();
                let label = format!("{label} ({})", variant.name());
                trials.push(
                    Trial::test(label, move || c.sanitized(variant)).with_ignored_flag(skipped),
                );
            }
        }
    }
}

/// gcc 12's ThreadSanitizer finds its memory taken where the kernel randomises more than this.
fn too_random() -> bool {
    let bits = fs::read_to_string("/proc/sys/vm/mmap_rnd_bits").unwrap_or_default();
    bits.trim().parse::<u32>().is_ok_and(|b| b > 28)
}

impl Case {
    /// The rule itself. A difference gets a second hearing with nothing else running: many tests
    /// watch the clock, and the reference, too, is late on a busy machine. It is noted, so that a
    /// rare fault of evrs does not hide behind it.
    fn compare(&self) -> Result<(), Failed> {
        let Err(first) = self.compare_once(self.opt.serial) else { return Ok(()) };
        self.compare_once(true).map_err(|_| first)?;
        eprintln!("note: {} differed at its first run", self.name);
        Ok(())
    }

    fn compare_once(&self, alone: bool) -> Result<(), Failed> {
        let (_one, _many);
        if alone {
            _one = ALONE.write();
        } else {
            _many = ALONE.read();
        }
        let ours = self.run(Variant::Evrs, &[])?;
        let wanted = match &self.opt.expect {
            // evrs differs on purpose: the file says what it prints, and exit 0 is demanded.
            Some(file) => {
                Outcome { stdout: self.file(file)?, stderr: Vec::new(), end: "exit 0".to_owned() }
            }
            None if self.opt.only.is_some() => Outcome {
                stdout: ours.stdout.clone(),
                stderr: Vec::new(),
                end: "exit 0".to_owned(),
            },
            None => self.run(Variant::Reference, &[])?,
        };
        self.same(&wanted, &ours)
    }

    /// evrs under memcheck: no error, nothing lost, and still the expected end.
    fn valgrind(&self) -> Result<(), Failed> {
        let _many = ALONE.read();
        let supp = self.site.tests.join("kit/valgrind.supp");
        let supp = format!("--suppressions={}", supp.display());
        let tool = [
            "valgrind",
            "-q",
            "--error-exitcode=99",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect",
            "--trace-children=no",
            "--num-callers=25",
            &supp,
        ];
        let plain = self.run(Variant::Evrs, &[])?;
        let under = self.run(Variant::Evrs, &tool)?;
        if under.end != plain.end {
            return Err(self
                .failed(&format!("under valgrind: {}, alone: {}", under.end, plain.end), &under));
        }
        Ok(())
    }

    fn sanitized(&self, variant: Variant) -> Result<(), Failed> {
        let _many = ALONE.read();
        let plain = self.run(Variant::Evrs, &[])?;
        let san = self.run(variant, &[])?;
        if san.end != plain.end {
            return Err(self.failed(
                &format!("{}: {}, without: {}", variant.name(), san.end, plain.end),
                &san,
            ));
        }
        Ok(())
    }

    fn run(&self, variant: Variant, tool: &[&str]) -> Result<Outcome, Failed> {
        let exe = self.site.program(&self.source, variant, &self.opt)?;
        let mut words: Vec<String> = Vec::new();
        if self.opt.netns {
            words.extend(
                ["unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]
                    .map(str::to_owned),
            );
        }
        if variant == Variant::Tsan && too_random() {
            words.extend(["setarch", "-R"].map(str::to_owned));
        }
        words.extend(tool.iter().map(|&w| w.to_owned()));
        words.push(exe.to_string_lossy().into_owned());
        words.extend(self.opt.args.iter().cloned());
        let mut cmd = Command::new(&words[0]);
        cmd.args(&words[1..]);
        for (k, v) in &self.opt.env {
            cmd.env(k, v);
        }
        if let Some(b) = &self.backend {
            cmd.envs(options::backend_env(b)?);
        }
        cmd.env("TEST_SRCDIR", self.source.parent().unwrap_or(&self.site.tests))
            .env("TEST_VARIANT", variant.name());
        let stdin = self.opt.stdin.as_ref().map(|f| self.source.with_file_name(f));
        let limit = if tool.is_empty() { self.opt.timeout } else { self.opt.timeout * 10 };
        // Several trials of one test run its plain build at the same time: a folder for each run.
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let dir = self.site.out.join("run").join(format!(
            "{}.{}{}.{}",
            self.name.replace('/', "-"),
            variant.name(),
            if tool.is_empty() { "" } else { ".tool" },
            RUNS.fetch_add(1, Ordering::Relaxed)
        ));
        let done = run::run(cmd, &dir, stdin.as_deref(), limit)?;
        let _ = fs::remove_dir_all(&dir);
        // Nothing agrees with a program that hangs, not even another one that does.
        if done.end.starts_with("timeout") {
            return Err(self.failed(&format!("{}: {}", variant.name(), done.end), &done));
        }
        Ok(done)
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, Failed> {
        let path = self.source.with_file_name(name);
        Ok(fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?)
    }

    fn same(&self, wanted: &Outcome, ours: &Outcome) -> Result<(), Failed> {
        if wanted.stdout == ours.stdout && wanted.end == ours.end {
            return Ok(());
        }
        let mut why = format!("reference: {}, evrs: {}\n", wanted.end, ours.end);
        if wanted.stdout != ours.stdout {
            why.push_str(&self.diff(&wanted.stdout, &ours.stdout));
        }
        Err(self.failed(&why, ours))
    }

    fn failed(&self, why: &str, ours: &Outcome) -> Failed {
        let err = String::from_utf8_lossy(&ours.stderr);
        let tail: Vec<&str> = err.lines().rev().take(60).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Failed::from(format!(
            "{}\n{why}\n--- stderr of evrs\n{}",
            self.source.display(),
            tail.join("\n")
        ))
    }

    fn diff(&self, wanted: &[u8], ours: &[u8]) -> String {
        let dir = self.site.out.join("diff");
        let _ = fs::create_dir_all(&dir);
        let stem = self.name.replace('/', "-");
        let (a, b) = (dir.join(format!("{stem}.reference")), dir.join(format!("{stem}.evrs")));
        let _ = fs::write(&a, wanted);
        let _ = fs::write(&b, ours);
        let text = Command::new("diff").arg("-au").arg(&a).arg(&b).output();
        text.map_or_else(|e| e.to_string(), |o| String::from_utf8_lossy(&o.stdout).into_owned())
    }
}
