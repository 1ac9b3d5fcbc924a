//! Searching as lines come, without waiting for what belongs to them.
//!
//! A record is *due* at its own number, or at the number where it shows that its group matches, if that is higher: a match
//! goes out when it comes, the lines before it in its group go out with it, and those behind it as they come. What is due
//! at which number depends on the log alone, so that nothing is given twice or left out, wherever following begins.

use std::ops::Range;
use std::sync::Arc;

use miniman_log::query::Necessary;
use miniman_log::{IoStream, RecordBatch, RecordRef, Severity};

use super::super::read::{Direction, in_memory};
use super::super::shared::lock;
use super::super::{Chunk, Gap, ReadMax, StoreError};
use super::lines::Stretch;
use super::run::{Next, Run};
use super::unit::Kind;
use super::{BLOCKS_A_STEP_MAX, GROUP_RECORDS_MAX, Search};

/// What one step of following came to.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The numbers it covered; following goes on behind them.
    pub covered: Range<i64>,
    pub due: Due,
}

#[derive(Debug, Clone)]
pub enum Due {
    Nothing,
    /// At least one, by the number that they are due at, and then by their own.
    Records(Vec<Pick>),
    Gap(Gap),
}

/// A record that is due.
#[derive(Debug, Clone)]
pub struct Pick {
    pub seq: i64,
    /// In the covered numbers, while `seq` may lie before them.
    pub due: i64,
    pub batch: Arc<RecordBatch>,
    /// Where it stands in the batch.
    pub index: usize,
}

/// A group that is open where following stands.
pub(super) struct Tracked {
    run: Run,
    /// Else a line of it may match yet by the group's level.
    matched: bool,
}

impl Search {
    /// What is due from number `from` on, as far as one block goes; `None` at the end. Blocking.
    ///
    /// # Errors
    /// As for [`Search::forward`].
    pub fn follow(&mut self, from: i64) -> Result<Option<Followed>, StoreError> {
        let bounds = self.lines.log.bounds();
        self.lines.horizon = bounds.next;
        let from = from.max(bounds.first);
        if from >= bounds.next {
            return Ok(None);
        }
        if self.scope.condition == Necessary::Nothing {
            return Ok(Some(Followed { covered: from..bounds.next, due: Due::Nothing }));
        }
        if self.followed_to != Some(from) {
            self.tracked = self.tracked_before(from)?;
        }
        // Set again when this step has succeeded.
        self.followed_to = None;
        let mut next = from;
        for _ in 0..BLOCKS_A_STEP_MAX {
            let (covered, due) = self.follow_unit(next)?;
            next = covered.end;
            let goes_on = due.is_none() && next < bounds.next;
            if !goes_on {
                self.followed_to = Some(next);
                let due = due.unwrap_or(Due::Nothing);
                return Ok(Some(Followed { covered: from..next, due }));
            }
        }
        self.followed_to = Some(next);
        Ok(Some(Followed { covered: from..next, due: Due::Nothing }))
    }

    /// The unit at `from`; nothing is `None` when it was ruled out unread.
    fn follow_unit(&mut self, from: i64) -> Result<(Range<i64>, Option<Due>), StoreError> {
        let held = in_memory(&lock(&self.lines.log.inner.state), from, ReadMax::BLOCK, Direction::Forward);
        let (stretch, numbers, candidates) = match held {
            Some(Chunk::Gap(gap)) => return Ok(self.follow_gap(from, gap)),
            Some(Chunk::Records { first, batch, range }) => {
                let stretch = Stretch { first: first - range.start as i64, batch };
                let numbers = from..stretch.next().min(self.lines.horizon);
                let range = stretch.range(&numbers);
                let candidates = self.scope.candidates(&stretch.batch, range);
                (stretch, numbers, candidates)
            }
            None => {
                let Some(unit) = self.unit(from, Direction::Forward)? else {
                    return Ok((from..self.lines.horizon, Some(Due::Nothing)));
                };
                let numbers = from..unit.numbers.end;
                match &unit.kind {
                    Kind::Gap(gap) => return Ok(self.follow_gap(from, *gap)),
                    Kind::Searched { stretch, candidates } => {
                        let own = |at: &&u32| stretch.first + i64::from(**at) >= from;
                        (stretch.clone(), numbers, candidates.iter().filter(own).copied().collect())
                    }
                    Kind::RuledOut | Kind::Empty => {
                        let ruled_out = matches!(unit.kind, Kind::RuledOut);
                        if self.tracked.iter().all(Option::is_none) {
                            return Ok((numbers, if ruled_out { None } else { Some(Due::Nothing) }));
                        }
                        let Some(stretch) = self.whole(&unit, &numbers)? else {
                            return Ok((numbers, Some(Due::Nothing)));
                        };
                        (stretch, numbers, Vec::new())
                    }
                }
            }
        };
        let mut picks = Vec::new();
        self.lines.hold(stretch.clone());
        for stream in IoStream::ALL {
            self.track(stream, numbers.clone(), &stretch, &candidates, &mut picks)?;
        }
        picks.sort_by_key(|pick: &Pick| (pick.due, pick.seq));
        let due = if picks.is_empty() { Due::Nothing } else { Due::Records(picks) };
        Ok((numbers, Some(due)))
    }

    fn follow_gap(&mut self, from: i64, gap: Gap) -> (Range<i64>, Option<Due>) {
        self.tracked = [None, None];
        (from..gap.to.saturating_add(1), Some(Due::Gap(gap)))
    }

    /// Follows one stream's groups through `numbers`, as far as they match or may match yet.
    fn track(
        &mut self,
        stream: IoStream,
        numbers: Range<i64>,
        stretch: &Stretch,
        candidates: &[u32],
        picks: &mut Vec<Pick>,
    ) -> Result<(), StoreError> {
        let mut tracked = self.tracked[stream.index()].take();
        let mut former = None;
        // Up to here every line was looked at.
        let mut looked = i64::MIN;
        if let Some(open) = tracked.take() {
            match self.goes_on(open, numbers.end, picks)? {
                Over::Open(open) => {
                    self.tracked[stream.index()] = Some(open);
                    return Ok(());
                }
                Over::Ended(run, last) => (former, looked) = (run, last),
            }
        }
        let own = candidates.iter().filter(|at| stretch.batch.iostreams()[**at as usize] == stream as u8);
        for at in own {
            let seq = stretch.first + i64::from(*at);
            if seq <= looked {
                continue;
            }
            let run =
                Run::to(&mut self.lines, former.take(), &self.grouper, &mut self.lookback, (seq, stream))?;
            let mut open = Tracked { run, matched: false };
            let severity = open.run.group.effective(stretch.get(seq).severity);
            self.consider(&mut open, severity, false, picks)?;
            match self.goes_on(open, numbers.end, picks)? {
                Over::Open(open) => {
                    self.tracked[stream.index()] = Some(open);
                    return Ok(());
                }
                Over::Ended(run, last) => (former, looked) = (run, last),
            }
        }
        Ok(())
    }

    /// Follows a group to its end, or to `until`.
    fn goes_on(&mut self, mut open: Tracked, until: i64, picks: &mut Vec<Pick>) -> Result<Over, StoreError> {
        loop {
            match open.run.next(&mut self.lines, until)? {
                Next::Line { severity, raised } => self.consider(&mut open, severity, raised, picks)?,
                Next::Over(group) => return Ok(Over::Ended(Some(open.run), group.last())),
                Next::Ended => return Ok(Over::Ended(None, open.run.group.last())),
                Next::Paused => return Ok(Over::Open(open)),
            }
        }
    }

    /// What the group's last line, of this effective severity, makes due.
    fn consider(
        &mut self,
        open: &mut Tracked,
        severity: Severity,
        raised: bool,
        picks: &mut Vec<Pick>,
    ) -> Result<(), StoreError> {
        let due = open.run.group.last();
        if open.matched {
            return self.pick(due, due, picks);
        }
        if let Some(stretch) = self.lines.at(due)? {
            let record = stretch.get(due);
            open.matched = self.scope.matches(&RecordRef { severity, ..record });
        }
        if raised && !open.matched {
            open.matched = self.matches_so_far(&open.run)?;
        }
        open.matched = open.matched && self.shows(&open.run.group)?;
        if open.matched {
            let members = open.run.group.members.clone();
            members.into_iter().try_for_each(|seq| self.pick(seq, due, picks))?;
        }
        Ok(())
    }

    fn pick(&mut self, seq: i64, due: i64, picks: &mut Vec<Pick>) -> Result<(), StoreError> {
        // Retention may have taken the group's beginning.
        if let Some(stretch) = self.lines.at(seq)? {
            picks.push(Pick { seq, due, index: stretch.index(seq), batch: stretch.batch });
        }
        Ok(())
    }

    /// Whether a line of the group, as far as it is known, matches or has matched when it came.
    fn matches_so_far(&mut self, run: &Run) -> Result<bool, StoreError> {
        for seq in &run.group.members {
            let Some(stretch) = self.lines.at(*seq)? else { continue };
            let came_before = run.group.raised_at.is_some_and(|raised_at| *seq < raised_at);
            if self.scope.matches_in(&run.group, &stretch, *seq)
                || came_before && self.scope.matches(&stretch.get(*seq))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The groups that may go on at `from`, of which a line matches or may match yet.
    fn tracked_before(&mut self, from: i64) -> Result<[Option<Tracked>; 2], StoreError> {
        let mut tracked = [None, None];
        for stream in IoStream::ALL {
            let Some(seq) = self.last_before(from, stream)? else { continue };
            let run = Run::to(&mut self.lines, None, &self.grouper, &mut self.lookback, (seq, stream))?;
            let matched = self.matches_so_far(&run)? && self.shows(&run.group)?;
            if matched || self.scope.asks_level {
                tracked[stream.index()] = Some(Tracked { run, matched });
            }
        }
        Ok(tracked)
    }

    /// The stream's last record before `from`, as far back as a group reaches.
    fn last_before(&mut self, from: i64, stream: IoStream) -> Result<Option<i64>, StoreError> {
        let lowest = from - i64::from(GROUP_RECORDS_MAX);
        let mut before = from;
        while before > lowest {
            let Some(stretch) = self.lines.at(before - 1)? else { return Ok(None) };
            let range = stretch.range(&(stretch.first.max(lowest)..before));
            let start = range.start;
            let streams = &stretch.batch.iostreams()[range];
            if let Some(at) = streams.iter().rposition(|own| *own == stream as u8) {
                return Ok(Some(stretch.first + (start + at) as i64));
            }
            before = stretch.first;
        }
        Ok(None)
    }
}

/// How following a group went.
enum Over {
    /// It may go on.
    Open(Tracked),
    /// With the run that stands at the next group's head, where there is one, and the number of its last line.
    Ended(Option<Run>, i64),
}
