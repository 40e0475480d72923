//! Another Rust static library in the same program.
use std::collections::HashMap;

/// Uses the standard library: collections, formatting, threads.
#[unsafe(no_mangle)]
pub extern "C" fn other_sum(n: i32) -> i32 {
    let map: HashMap<i32, String> = (0..n).map(|i| (i, format!("{i}"))).collect();
    let sum = std::thread::spawn(move || map.values().filter_map(|s| s.parse::<i32>().ok()).sum::<i32>());
    sum.join().unwrap_or(-1)
}
