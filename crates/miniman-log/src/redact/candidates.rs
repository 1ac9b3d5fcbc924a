//! Which records of a batch the rules may find something in: one pass over all bodies for words, one for digits.
//!
//! Runs over every byte that is stored, so it is made to find nothing quickly. Bodies lie one after another: what seems to
//! stand across the end of one marks both, and the rules find nothing there.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::card;
use crate::RecordBatch;

/// Each secret but a card number has one of these. Words alone: so few are searched for all at once, 16 or 32 bytes a
/// step.
static WORDS: LazyLock<Regex> = LazyLock::new(|| {
    let words = "PRIVATE KEY|Bearer|bearer|BEARER|eyJ|AKIA|ASIA|ecret|ECRET|ession_token|essionToken|\
                 ESSION_TOKEN|ession-token|ecurity-Token|ecurity-token|ecurityToken|ecurity_token|\
                 ECURITY_TOKEN";
    Regex::new(words).expect("words are a regex")
});

/// Indices of the records to read, rising.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// By the rules that a word tells of.
    pub(super) words: Vec<u32>,
    /// For card numbers.
    pub(super) digits: Vec<u32>,
}

impl Marked {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.digits.clear();
    }

    pub(super) fn mark(&mut self, batch: &RecordBatch) {
        let (bodies, ends) = (batch.bodies(), batch.ends());
        let mut owner = Owner { ends, at: 0 };
        for found in WORDS.find_iter(bodies) {
            owner.mark(found.start(), found.end(), &mut self.words);
        }
        let mut owner = Owner { ends, at: 0 };
        card::candidates(bodies, |start, end| {
            // Nearly all of these are ids and times, which is quickly seen.
            let body = owner.body_of(start);
            if end > body.end || card::is_in(&bodies[body.clone()], start - body.start..end - body.start) {
                owner.mark(start, end, &mut self.digits);
            }
        });
    }
}

/// Whether there is anything to read in one text.
pub(super) fn any(text: &[u8]) -> bool {
    let mut any = WORDS.is_match(text);
    card::candidates(text, |_, _| any = true);
    any
}

/// Whose bytes they are, asked by rising place.
struct Owner<'a> {
    ends: &'a [u32],
    at: usize,
}

impl Owner<'_> {
    fn body_of(&mut self, place: usize) -> Range<usize> {
        let ends = &self.ends[self.at..];
        // Most often it is the same or one of the next.
        let near = ends.iter().take(8).position(|end| *end as usize > place);
        self.at += near.unwrap_or_else(|| ends.partition_point(|end| *end as usize <= place));
        let start = self.at.checked_sub(1).map_or(0, |before| self.ends[before]);
        start as usize..self.ends[self.at] as usize
    }

    fn mark(&mut self, start: usize, end: usize, marked: &mut Vec<u32>) {
        self.body_of(start);
        let mut index = self.at;
        while index < self.ends.len() {
            if marked.last() != Some(&(index as u32)) {
                marked.push(index as u32);
            }
            if self.ends[index] as usize >= end {
                break;
            }
            index += 1;
        }
    }
}
