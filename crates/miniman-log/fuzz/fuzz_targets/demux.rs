#![no_main]

use libfuzzer_sys::fuzz_target;
use miniman_log::ApiLogParser;

mod chunks;

fuzz_target!(|input: (bool, u8, &[u8])| {
    let (tty, chunk, bytes) = input;
    let read = |chunk: usize| {
        let (mut parser, mut found) = (ApiLogParser::new(tty), chunks::Found::new(tty));
        let result = bytes.chunks(chunk).try_for_each(|bytes| parser.feed(bytes, &mut found));
        if result.is_ok() {
            parser.finish(&mut found);
        }
        found.finish();
        (found.batch, result)
    };
    assert_eq!(read(usize::from(chunk) + 1), read(usize::MAX / 2));
});
