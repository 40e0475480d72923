//! Runs one program in a process group and a directory of its own, with a time limit.

use std::fs;
use std::io::Read;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a program left behind.
pub struct Outcome {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// `exit 3`, `signal 11`, `timeout after 30 s`.
    pub end: String,
}

/// Runs `cmd` with `dir` (made anew) as its working directory.
pub fn run(
    mut cmd: Command,
    dir: &Path,
    stdin: Option<&Path>,
    limit: u64,
) -> Result<Outcome, String> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    let stdin = match stdin {
        Some(p) => Stdio::from(fs::File::open(p).map_err(|e| format!("{}: {e}", p.display()))?),
        None => Stdio::null(),
    };
    cmd.current_dir(dir)
        .env("TMPDIR", dir)
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(stdin)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = cmd.spawn().map_err(|e| format!("cannot start {cmd:?}: {e}"))?;
    let out = drain(child.stdout.take());
    let err = drain(child.stderr.take());
    let status = wait(&mut child, Duration::from_secs(limit))?;
    // What the program forked and left goes with it: it would hold the pipes open.
    kill_group(child.id());
    let end = match status {
        None => format!("timeout after {limit} s"),
        Some(s) => match s.signal() {
            Some(n) => format!("signal {n}"),
            None => format!("exit {}", s.code().unwrap_or(-1)),
        },
    };
    let collect = |h: thread::JoinHandle<Vec<u8>>| h.join().unwrap_or_default();
    Ok(Outcome { stdout: collect(out), stderr: collect(err), end })
}

fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut p) = pipe {
            let _ = p.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>, String> {
    let end = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
            return Ok(Some(status));
        }
        if Instant::now() >= end {
            kill_group(child.id());
            let _ = child.wait();
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(4));
    }
}

fn kill_group(pid: u32) {
    if let Ok(pid) = i32::try_from(pid) {
        // SAFETY: kill takes numbers only; the group was made for this child.
        unsafe { libc::kill(-pid, libc::SIGKILL) };
    }
}
