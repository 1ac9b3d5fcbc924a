//! No private key is stored, wherever reading begins, is interrupted or goes backwards.

use miniman_log::redact::{KeyText, Rule};

use super::*;

/// Lines of a key that `seed` makes.
fn key(seed: usize) -> Vec<String> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = seed as u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(alphabet[(state >> 26) as usize])
    };
    let mut key = vec!["-----BEGIN RSA PRIVATE KEY-----".to_owned()];
    key.extend([64; 12].into_iter().chain([12]).map(|len| (0..len).map(|_| next()).collect()));
    key.push("-----END RSA PRIVATE KEY-----".to_owned());
    key
}

impl Files {
    /// Writes a line of text, and the other stream's number now and then.
    fn say(&mut self, text: &str) {
        self.append(entry(&format!("{text}\\n"), self.written).as_bytes());
        if self.written.is_multiple_of(7) {
            let other = entry(&format!("{}\\n", self.written), self.written);
            self.append(other.replace("stdout", "stderr").as_bytes());
        }
        self.written += 1;
    }
}

impl Rig {
    fn bodies(&self) -> Vec<String> {
        let mut bodies = Vec::new();
        let mut from = self.log.bounds().first;
        while let Some(chunk) = self.log.read(from, ReadMax::BLOCK).unwrap() {
            from = chunk.next();
            if let Chunk::Records { batch, range, .. } = chunk {
                bodies.extend(range.map(|index| batch.get(index).body.to_owned()));
            }
        }
        bodies
    }
}

fn assert_no_key(bodies: &[String]) {
    let leak = bodies.iter().find(|body| body.len() >= 12 && !body.contains([' ', '.']));
    assert_eq!(leak, None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_line_of_a_key_is_stored_wherever_reading_is_interrupted(
        before in 0..30_usize,
        compress in any::<bool>(),
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let mut files = Files::new(compress);
        let mut said = (0..).flat_map(|seed| key(seed).into_iter().chain(["between keys. ".to_owned()]));
        (0..before).for_each(|_| files.say(&said.next().unwrap()));
        let mut rig = Rig::open(&files);
        for step in steps {
            match step {
                Step::Write(lines) => (0..lines.min(9)).for_each(|_| files.say(&said.next().unwrap())),
                Step::Rotate => files.rotate(),
                Step::Look => rig.look(&files),
                Step::Read => rig.read(),
                Step::Backfill => rig.backfill(),
                Step::Reopen => rig = rig.reopen(&files),
                Step::BeginLine | Step::EndLine => {}
            }
        }
        rig.finish(&files);
        assert_no_key(&rig.bodies());
    }
}

#[test]
fn history_in_chunks_is_redacted_as_live_lines_are() {
    let mut files = Files::new(false);
    let mut live = Rig::open(&files);
    // 9 MiB in which nearly every place is in the middle of a key: so the chunks' ends are.
    for seed in 0..5_000 {
        key(seed).iter().for_each(|line| files.say(line));
        files.say("between keys.");
    }
    assert!(fs::metadata(files.path("")).unwrap().len() > 9 << 20);
    live.finish(&files);
    let mut later = Rig::open(&files);
    later.finish(&files);
    let bodies = later.bodies();
    assert_no_key(&bodies);
    assert!(later.log.bounds().first < 0);
    assert_eq!(bodies, live.bodies());
}

#[test]
fn a_key_whose_lines_stand_far_apart_is_one_over_a_chunks_end() {
    let mut files = Files::new(false);
    for (index, line) in key(1).iter().enumerate() {
        files.say(line);
        // 540 KiB of the other stream between two lines.
        for n in 0..4_000 {
            let other = entry(&format!("{n} {:.<40}\\n", index), n);
            files.append(other.replace("stdout", "stderr").as_bytes());
        }
    }
    let mut rig = Rig::open(&files);
    rig.finish(&files);
    assert_no_key(&rig.bodies());
}

#[test]
fn a_line_in_parts_is_redacted_whole_and_counted_once() {
    let mut files = Files::new(false);
    files.write(1);
    let mut rig = Rig::open(&files);
    let filler = ". ".repeat(8_178);
    let line = format!("{filler}Authorization: Bearer abcdef0123456789");
    let (first, second) = line.split_at(16_384);
    assert!(second.starts_with("0123456789"));
    files.append(entry(first, 1).as_bytes());
    rig.finish(&files);
    let mut rig = rig.reopen(&files);
    files.append(entry(&format!("{second}\\n"), 1).as_bytes());
    rig.finish(&files);
    let bodies = rig.bodies();
    assert!(bodies[1].ends_with("Authorization: Bearer [redacted: bearer token]"), "{}", bodies[1]);
    let counted = rig.tail.redactor.counts().find(|(rule, _)| *rule == Rule::BearerToken);
    assert_eq!(counted, Some((Rule::BearerToken, 1)));
}

#[test]
fn a_key_that_had_begun_is_one_after_its_begin_was_rotated_away() {
    let mut files = Files::new(false);
    files.say("first.");
    let mut rig = Rig::open(&files);
    let key = key(3);
    key[..5].iter().for_each(|line| files.say(line));
    rig.finish(&files);
    for _ in 0..=KEPT {
        files.rotate();
        files.say("gone.");
    }
    let mut rig = rig.reopen(&files);
    key[5..].iter().for_each(|line| files.say(line));
    rig.finish(&files);
    let bodies = rig.bodies();
    assert_no_key(&bodies);
    assert_eq!(KeyText::of(bodies.last().unwrap()), Some(KeyText::Continued));
}

#[test]
fn a_files_key_is_not_of_the_secret_in_its_first_line() {
    let key = |text: &str| key_of(entry(text, 1).as_bytes(), Format::JsonFile).unwrap();
    assert_eq!(key("card 4111111111111111\\n"), key("card 5555555555554444\\n"));
    assert_ne!(key("card 4111111111111111\\n"), key("card 4111111111111112\\n"));
}
