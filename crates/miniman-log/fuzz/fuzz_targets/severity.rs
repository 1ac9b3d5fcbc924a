#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    miniman_log::severity_of(body);
});
