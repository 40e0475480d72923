//! Builds the library once, and each test program against the reference and against evrs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::SystemTime;

use crate::options::Options;

/// Which library a program is linked with, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// Debian's libevent and libev.
    Reference,
    /// evrs.
    Evrs,
    /// evrs, the test itself with AddressSanitizer and UBSan.
    Asan,
    /// evrs, the test itself with ThreadSanitizer.
    Tsan,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Evrs => "evrs",
            Self::Asan => "asan",
            Self::Tsan => "tsan",
        }
    }
}

/// Where things are, and the library under test.
pub struct Site {
    pub tests: PathBuf,
    pub out: PathBuf,
    pub libdir: PathBuf,
    include: PathBuf,
    built: Mutex<BTreeMap<(PathBuf, Variant), Result<PathBuf, String>>>,
}

impl Site {
    /// Finds the source tree and builds the shared library, through the Makefile so that there is
    /// one recipe. `EVRS_LIBDIR` names a library that is there already; `EVRS_PROFILE` is `dev`
    /// (overflow checks on) unless set.
    pub fn prepare() -> Result<Self, String> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let profile = std::env::var("EVRS_PROFILE").unwrap_or_else(|_| "dev".to_owned());
        let libdir = match std::env::var_os("EVRS_LIBDIR") {
            Some(dir) => fs::canonicalize(&dir).map_err(|e| format!("{}: {e}", dir.display()))?,
            None => {
                let dir = target.join("c").join(&profile);
                let status = Command::new("make")
                    .args(["-s", "tls-shared", &format!("PROFILE={profile}")])
                    .arg(format!("BUILD={}", dir.display()))
                    .arg(format!("SHIP={}", target.join("ship").display()))
                    .env_remove("MAKEFLAGS")
                    .env_remove("MFLAGS")
                    .current_dir(&root)
                    .status()
                    .map_err(|e| format!("make: {e}"))?;
                if !status.success() {
                    return Err("the shared library does not build".to_owned());
                }
                dir
            }
        };
        Ok(Self {
            tests: root.join("c-tests"),
            include: root.join("include"),
            out: target.join("c-tests"),
            libdir,
            built: Mutex::new(BTreeMap::new()),
        })
    }

    /// The TLS library that a test is about and that was not there when the library was built.
    pub fn lacks(&self, opt: &Options) -> Option<&'static str> {
        [(opt.openssl, "openssl"), (opt.mbedtls, "mbedtls")]
            .into_iter()
            .filter(|(asked, _)| *asked)
            .map(|(_, name)| name)
            .find(|name| !self.libdir.join(format!("libevrs_{name}.so")).exists())
    }

    /// The program for `source` in a variant, compiled unless an up-to-date one is there.
    pub fn program(
        &self,
        source: &Path,
        variant: Variant,
        opt: &Options,
    ) -> Result<PathBuf, String> {
        let key = (source.to_path_buf(), variant);
        // One lock for the table only: two trials of one source may compile it twice, into files
        // of their own, and the rename makes the last one stand.
        if let Some(done) = self.built.lock().map_err(|e| e.to_string())?.get(&key) {
            return done.clone();
        }
        let made = self.compile(source, variant, opt);
        self.built.lock().map_err(|e| e.to_string())?.insert(key, made.clone());
        made
    }

    fn compile(&self, source: &Path, variant: Variant, opt: &Options) -> Result<PathBuf, String> {
        let rel = source.strip_prefix(&self.tests).unwrap_or(source);
        // Programs know the library they were linked with: each library has its own.
        let mut exe = self.out.clone();
        if variant != Variant::Reference {
            exe.push(self.libdir.file_name().unwrap_or_default());
        }
        let exe = exe.join(variant.name()).join(rel).with_extension("");
        if self.fresh(&exe, source, variant) {
            return Ok(exe);
        }
        if let Some(dir) = exe.parent() {
            fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
        }
        let cxx = source.extension().is_some_and(|e| e != "c");
        let mut cc = Command::new(match cxx {
            true => std::env::var("CXX").unwrap_or_else(|_| "g++".into()),
            false => std::env::var("CC").unwrap_or_else(|_| "gcc".into()),
        });
        let scratch = exe.with_extension(format!("{:?}", std::thread::current().id()));
        cc.arg(if cxx { "-std=gnu++17" } else { "-std=gnu17" })
            .args(["-g", "-O1", "-Wall", "-Werror=implicit-function-declaration", "-pthread"])
            .arg("-I")
            .arg(self.tests.join("kit"));
        match variant {
            Variant::Reference => {}
            _ => {
                cc.arg("-I").arg(&self.include);
            }
        }
        match variant {
            Variant::Asan => {
                cc.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]);
            }
            Variant::Tsan => {
                cc.arg("-fsanitize=thread");
            }
            _ => {}
        }
        cc.args(&opt.cflags).arg("-o").arg(&scratch).arg(source);
        match variant {
            Variant::Reference => {
                if opt.openssl {
                    cc.arg("-levent_openssl");
                }
                cc.args(["-levent", "-levent_pthreads", "-lev"]);
            }
            _ => {
                cc.arg("-L").arg(&self.libdir);
                if opt.openssl {
                    cc.arg("-levrs_openssl");
                }
                if opt.mbedtls {
                    cc.args(["-DEVENT__HAVE_MBEDTLS=1", "-levrs_mbedtls"]);
                }
                cc.arg("-levrs");
                cc.arg(format!("-Wl,-rpath,{}", self.libdir.display()));
            }
        }
        if opt.openssl {
            cc.args(["-lssl", "-lcrypto"]);
        }
        if opt.mbedtls {
            cc.args(["-lmbedtls", "-lmbedx509", "-lmbedcrypto"]);
        }
        cc.args(&opt.libs).arg("-lm");
        let done = cc.output().map_err(|e| format!("{cc:?}: {e}"))?;
        if !done.status.success() {
            let text = String::from_utf8_lossy(&done.stderr);
            return Err(format!("does not build with {}:\n{text}", variant.name()));
        }
        fs::rename(&scratch, &exe).map_err(|e| e.to_string())?;
        Ok(exe)
    }

    fn fresh(&self, exe: &Path, source: &Path, variant: Variant) -> bool {
        let Some(made) = mtime(exe) else { return false };
        let mut inputs = vec![source.to_path_buf()];
        inputs.extend(files(&self.tests.join("kit")));
        let beside = source.parent().map(files).unwrap_or_default();
        inputs.extend(beside.into_iter().filter(|f| f.extension().is_some_and(|e| e == "h")));
        if variant != Variant::Reference {
            inputs.extend(files(&self.include));
        }
        inputs.iter().all(|f| mtime(f).is_some_and(|t| t < made))
    }
}

fn mtime(p: &Path) -> Option<SystemTime> {
    fs::metadata(p).and_then(|m| m.modified()).ok()
}

/// Every file under a folder, in the order of their names.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return all };
    let mut paths: Vec<_> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for p in paths {
        if p.is_dir() {
            all.extend(files(&p));
        } else {
            all.push(p);
        }
    }
    all
}
