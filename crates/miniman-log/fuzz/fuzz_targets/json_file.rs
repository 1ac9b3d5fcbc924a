#![no_main]

use libfuzzer_sys::fuzz_target;
use miniman_log::JsonFileParser;

mod chunks;

fuzz_target!(|input: (u8, &[u8])| {
    let (chunk, bytes) = input;
    let read = |chunk| {
        let mut parser = JsonFileParser::new(0);
        chunks::read(bytes, chunk, |bytes, found| parser.feed(bytes, found))
    };
    assert_eq!(read(usize::from(chunk) + 1), read(usize::MAX / 2));
    miniman_log::json_file::first_entry(bytes);
});
