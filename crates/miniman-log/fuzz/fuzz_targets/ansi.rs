#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let plain = miniman_log::ansi::strip(body);
    assert!(plain.chars().all(|char| matches!(char, '\t' | '\n') || !char.is_control()));
});
