#![no_main]

use libfuzzer_sys::fuzz_target;
use miniman_log::group::GROUP_RECORDS_MAX;
use miniman_log::{Grouper, IoStream, Place, RecordRef, Timestamp, severity_of};

fuzz_target!(|text: &str| {
    let mut grouper = Grouper::new();
    let mut heads = [None, None];
    for (index, body) in text.lines().enumerate() {
        let iostream = if body.len() % 3 == 0 { IoStream::Stderr } else { IoStream::Stdout };
        let severity = severity_of(body);
        let record = RecordRef { timestamp: Timestamp(0), iostream, severity, body, cut: 0 };
        match grouper.push(&record).place {
            Place::Head => heads[iostream.index()] = Some(index),
            Place::Continuation { head_offset } => {
                assert!(head_offset <= GROUP_RECORDS_MAX);
                assert_eq!(heads[iostream.index()], Some(index - head_offset as usize));
            }
        }
    }
});
