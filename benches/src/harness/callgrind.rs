//! Instructions, counted by callgrind where it is installed.

use std::io;
use std::process::{Command, Stdio};

/// Whether there is a callgrind to ask.
pub(super) fn is_installed() -> bool {
    let version = Command::new("valgrind").arg("--version").output();
    version.is_ok_and(|output| output.status.success())
}

/// Runs `arguments` of this program under callgrind; gives the instructions inside of
/// `counted_operations`, in the thread that ran them.
pub(super) fn instructions(arguments: &[String]) -> io::Result<u64> {
    let out = std::env::temp_dir().join(format!("benches-{}.callgrind", std::process::id()));
    let mut file = std::ffi::OsString::from("--callgrind-out-file=");
    file.push(&out);
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .arg("--toggle-collect=*counted_operations*")
        .arg(file)
        .arg(std::env::current_exe()?)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let text = std::fs::read_to_string(&out);
    let _ = std::fs::remove_file(&out);
    let text = text?;
    let total = text
        .lines()
        .find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    match total {
        Some(total) if status.success() => Ok(total),
        _ => Err(io::Error::other("callgrind gave no total")),
    }
}
