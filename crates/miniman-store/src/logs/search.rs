//! Searching a log: which of its records match a query, block by block, in either direction.
//!
//! A query matches groups (`miniman_log::group`): a line that matches brings its whole group, and a line without a level
//! counts as its group's. Groups are made out around matches only; no line else is grouped.
//!
//! A block is ruled out by its severities, its streams and its filter before anything of it is expanded. What is left is
//! expanded and searched as one text; only lines that this finds are matched one by one. A group may cross a block's border,
//! so a block's answer is what its own matches bring, and what its neighbours' do, as far as a group reaches. Nothing is
//! locked meanwhile, and decoded blocks don't go into the cache, so a search takes nothing from those who follow.
//!
//! The end of the log is fixed when a search is made, or [before](Search::up_to), unless it [follows](Search::follow).

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use miniman_log::group::GROUP_RECORDS_MAX;
use miniman_log::query::{Facts, Necessary, Query};
use miniman_log::{Grouper, IoStream, Lookback, RecordBatch, Timestamp};

use super::read::Direction;
use super::{Gap, Log, LogIdentity, StoreError};

mod ahead;
mod follow;
mod hide;
mod lines;
mod rows;
mod run;
mod scope;
mod unit;

pub use follow::{Due, Followed, Pick};
pub use hide::{Hide, HideRule, ServiceName};
pub(super) use rows::CountedBlock;

use ahead::Ahead;
use follow::Tracked;
use lines::{Lines, Stretch};
use rows::Rows;
use run::{Group, Next, Run};
use scope::Scope;
use unit::{Kind, Unit};

/// Blocks that are looked at in one step, before the caller is asked whether to go on: some milliseconds.
const BLOCKS_A_STEP_MAX: usize = 256;

/// One search of one log. It keeps buffers, so one serves one caller.
pub struct Search {
    scope: Scope,
    lines: Lines,
    rows: Rows,
    ahead: Ahead,
    /// Looked at lately, last first.
    units: VecDeque<Arc<Unit>>,
    grouper: Grouper,
    /// Of each group only its first line that matches.
    firsts: bool,
    lookback: Lookback,
    /// Groups that are open where following stands, by stream.
    tracked: [Option<Tracked>; 2],
    followed_to: Option<i64>,
}

/// What one step of a search came to.
#[derive(Debug, Clone)]
pub struct Searched {
    /// The numbers it covered; the next step goes on at either end of them.
    pub covered: Range<i64>,
    /// Records that were looked at or ruled out.
    pub records: u64,
    /// Those among them that name no level and were not found, where the query asks for levels.
    pub unspecified: u64,
    /// The highest time among them, where it is known.
    pub max_time: Option<Timestamp>,
    pub found: Found,
}

/// What was found in the covered numbers.
#[derive(Debug, Clone)]
pub enum Found {
    Nothing,
    /// `matches` are indexes of `batch`, rising, at least one; the batch's first record has number `first`.
    Records {
        first: i64,
        batch: Arc<RecordBatch>,
        matches: Vec<u32>,
    },
    Gap(Gap),
}

impl Log {
    /// A search of this log.
    pub fn search(&self, query: &Query) -> Search {
        self.search_hiding(query, &Hide::default())
    }

    /// A search of this log that leaves out what its rules hide.
    pub fn search_hiding(&self, query: &Query, hide: &Hide) -> Search {
        let grouper = self.grouper();
        Search {
            scope: Scope::new(self, query, hide),
            lines: Lines::new(self.clone(), self.bounds().next),
            rows: Rows::default(),
            ahead: Ahead::new(query, hide),
            units: VecDeque::new(),
            lookback: grouper.lookback(),
            grouper,
            firsts: false,
            tracked: [None, None],
            followed_to: None,
        }
    }
}

/// What a query may ask of a log besides its records.
pub fn facts(identity: &LogIdentity) -> Facts<'_> {
    Facts {
        container: &identity.name,
        stack: identity.stack.as_deref().unwrap_or_default(),
        service: identity.service.as_deref().unwrap_or_default(),
    }
}

impl Search {
    /// Gives of each group only its first line that matches, so that a group counts once. Not for following.
    #[must_use]
    pub fn firsts(self) -> Self {
        Self { firsts: true, ..self }
    }

    /// Looks at nothing from number `end` on: the end that a caller fixed before. Not for following.
    #[must_use]
    pub fn up_to(mut self, end: i64) -> Self {
        self.lines.horizon = self.lines.horizon.min(end);
        self
    }

    /// The first part of `numbers`; `None` when nothing of them is there. Blocking.
    ///
    /// # Errors
    /// When the file cannot be read. A damaged block is no error but a gap.
    pub fn forward(&mut self, numbers: Range<i64>) -> Result<Option<Searched>, StoreError> {
        self.advance(numbers, Direction::Forward)
    }

    /// The last part of `numbers`; else as [`Search::forward`].
    ///
    /// # Errors
    /// As for [`Search::forward`].
    pub fn backward(&mut self, numbers: Range<i64>) -> Result<Option<Searched>, StoreError> {
        self.advance(numbers, Direction::Backward)
    }

    /// Gives back what it holds decoded; what it needs of that it reads again.
    pub fn rest(&mut self) {
        self.units.clear();
        self.ahead.rest();
        self.lines.release();
    }

    /// The numbers that it looks at.
    fn log_numbers(&self) -> Range<i64> {
        let bounds = self.lines.log.bounds();
        bounds.first..bounds.next.min(self.lines.horizon)
    }

    fn step(&mut self, numbers: Range<i64>, direction: Direction) -> Result<Option<Searched>, StoreError> {
        let log = self.log_numbers();
        let numbers = numbers.start.max(log.start)..numbers.end.min(log.end);
        if numbers.is_empty() {
            return Ok(None);
        }
        if self.scope.condition == Necessary::Nothing {
            // Its name alone rules the log out: nothing of it is part of the search.
            return Ok(Some(Searched::nothing(numbers, 0, 0, None)));
        }
        let mut seq = match direction {
            Direction::Forward => numbers.start,
            Direction::Backward => numbers.end - 1,
        };
        let mut passed: Option<Searched> = None;
        for _ in 0..BLOCKS_A_STEP_MAX {
            if !numbers.contains(&seq) {
                break;
            }
            let Some(unit) = self.unit(seq, direction)? else { break };
            let within = unit.numbers.start.max(numbers.start)..unit.numbers.end.min(numbers.end);
            let searched = self.searched(&unit, within.clone(), direction)?;
            seq = match direction {
                Direction::Forward => within.end,
                Direction::Backward => within.start - 1,
            };
            self.ahead.note(!matches!(unit.kind, Kind::RuledOut));
            let ruled_out = matches!((&unit.kind, &searched.found), (Kind::RuledOut, Found::Nothing));
            match &mut passed {
                Some(passed) if ruled_out => passed.extend(searched),
                None if ruled_out => passed = Some(searched),
                // What was ruled out is told first; this one is known when it is asked for again.
                Some(_) => break,
                None => return Ok(Some(searched)),
            }
        }
        Ok(passed)
    }

    /// What the search comes to in `within`, a part of the unit.
    fn searched(
        &mut self,
        unit: &Unit,
        within: Range<i64>,
        direction: Direction,
    ) -> Result<Searched, StoreError> {
        if let Kind::Gap(gap) = unit.kind {
            let nothing = Searched::nothing(within, 0, 0, gap.until);
            return Ok(Searched { found: Found::Gap(gap), ..nothing });
        }
        let mut numbers =
            if self.firsts { self.first_lines(unit, direction)? } else { self.answer(unit, direction)? };
        numbers.retain(|seq| within.contains(seq));
        let without_level = if self.scope.asks_level { self.without_level(unit, &within)? } else { 0 };
        let records = (within.end - within.start) as u64;
        let nothing = Searched::nothing(within.clone(), records, without_level, unit.max_time);
        if numbers.is_empty() {
            return Ok(nothing);
        }
        // A block that was ruled out is read for what its neighbours' groups have in it.
        let Some(stretch) = self.whole(unit, &within)? else { return Ok(nothing) };
        let found = numbers.iter().filter(|seq| stretch.covers(**seq));
        let matches: Vec<u32> = found.map(|seq| stretch.index(*seq) as u32).collect();
        let given = matches.iter().filter(|at| self.scope.depends(&stretch.batch, **at as usize)).count();
        let found = Found::Records { first: stretch.first, batch: stretch.batch, matches };
        Ok(Searched { found, unspecified: without_level.saturating_sub(given as u64), ..nothing })
    }

    /// The numbers of those of the unit's records that are found, rising.
    fn answer(&mut self, unit: &Unit, direction: Direction) -> Result<Vec<i64>, StoreError> {
        let mut found = self.own(unit)?;
        for side in [Direction::Forward, Direction::Backward] {
            self.neighbours(unit, side, direction, &mut found)?;
        }
        found.retain(|seq| unit.numbers.contains(seq));
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// What the unit's own matches bring.
    fn own(&mut self, unit: &Unit) -> Result<Vec<i64>, StoreError> {
        let Kind::Searched { stretch, candidates } = &unit.kind else { return Ok(Vec::new()) };
        self.lines.hold(stretch.clone());
        let mut found = Vec::new();
        let mut runs = [None, None];
        let mut told = [i64::MIN; 2];
        for (place, at) in candidates.iter().enumerate() {
            let seq = stretch.first + i64::from(*at);
            let stream = stretch.get(seq).iostream;
            if seq <= told[stream.index()] {
                continue;
            }
            let group = self.group(&mut runs, (seq, stream))?;
            told[stream.index()] = group.last();
            if self.first_match(&group, stretch, &candidates[place..]).is_some() && self.shows(&group)? {
                found.extend(group.members);
            }
        }
        Ok(found)
    }

    /// Of each group its first line that matches, where that is one of the unit's; rising.
    fn first_lines(&mut self, unit: &Unit, direction: Direction) -> Result<Vec<i64>, StoreError> {
        let Kind::Searched { stretch, candidates } = &unit.kind else { return Ok(Vec::new()) };
        // Lines of groups that have a match before the unit.
        let mut matched = Vec::new();
        self.neighbours(unit, Direction::Backward, direction, &mut matched)?;
        self.lines.hold(stretch.clone());
        let mut found = Vec::new();
        let mut runs = [None, None];
        let mut told = [i64::MIN; 2];
        for (place, at) in candidates.iter().enumerate() {
            let seq = stretch.first + i64::from(*at);
            let stream = stretch.get(seq).iostream;
            if seq <= told[stream.index()] {
                continue;
            }
            let group = self.group(&mut runs, (seq, stream))?;
            told[stream.index()] = group.last();
            if !matched.contains(&group.members[0]) && self.shows(&group)? {
                found.extend(self.first_match(&group, stretch, &candidates[place..]));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// What the matches of the units on one side bring that reaches this one.
    fn neighbours(
        &mut self,
        unit: &Unit,
        side: Direction,
        direction: Direction,
        found: &mut Vec<i64>,
    ) -> Result<(), StoreError> {
        let reach = i64::from(GROUP_RECORDS_MAX);
        let log = self.log_numbers();
        let mut edge = match side {
            Direction::Forward => unit.numbers.end,
            Direction::Backward => unit.numbers.start - 1,
        };
        loop {
            let distance = match side {
                Direction::Forward => edge - unit.numbers.end,
                Direction::Backward => unit.numbers.start - 1 - edge,
            };
            if distance >= reach || !log.contains(&edge) {
                return Ok(());
            }
            let Some(near) = self.unit(edge, direction)? else { return Ok(()) };
            if matches!(near.kind, Kind::Gap(_)) {
                return Ok(());
            }
            let side_of_near = usize::from(side == Direction::Backward);
            let members = match near.crossing[side_of_near].get() {
                Some(members) => members,
                None => {
                    let members = self.crossing(&near, side)?;
                    near.crossing[side_of_near].get_or_init(|| members)
                }
            };
            found.extend_from_slice(members);
            edge = match side {
                Direction::Forward => near.numbers.end,
                Direction::Backward => near.numbers.start - 1,
            };
        }
    }

    /// The lines of groups with a match in `near` that leave it towards a unit which has it at its `side`.
    fn crossing(&mut self, near: &Unit, side: Direction) -> Result<Vec<i64>, StoreError> {
        let mut found = Vec::new();
        let Kind::Searched { stretch, candidates } = &near.kind else { return Ok(found) };
        self.lines.hold(stretch.clone());
        for stream in IoStream::ALL {
            let is_own = |at: &&u32| stretch.batch.iostreams()[**at as usize] == stream as u8;
            let outermost = match side {
                Direction::Forward => candidates.iter().find(is_own),
                Direction::Backward => candidates.iter().rfind(is_own),
            };
            let Some(at) = outermost else { continue };
            let group = self.group(&mut [None, None], (stretch.first + i64::from(*at), stream))?;
            let leaves = match side {
                Direction::Forward => group.members[0] < near.numbers.start,
                Direction::Backward => group.last() >= near.numbers.end,
            };
            if leaves && self.first_match(&group, stretch, candidates).is_some() && self.shows(&group)? {
                found.extend(group.members);
            }
        }
        Ok(found)
    }

    /// The whole group of a record. `runs` stand where the last ones ended, by stream.
    fn group(
        &mut self,
        runs: &mut [Option<Run>; 2],
        (seq, stream): (i64, IoStream),
    ) -> Result<Group, StoreError> {
        let former = runs[stream.index()].take();
        let mut run = Run::to(&mut self.lines, former, &self.grouper, &mut self.lookback, (seq, stream))?;
        loop {
            match run.next(&mut self.lines, i64::MAX)? {
                Next::Line { .. } => {}
                Next::Over(group) => {
                    runs[stream.index()] = Some(run);
                    return Ok(group);
                }
                Next::Ended | Next::Paused => return Ok(run.group),
            }
        }
    }

    /// Whether no rule hides the group. One whose first line retention has taken is shown.
    fn shows(&mut self, group: &Group) -> Result<bool, StoreError> {
        if !self.scope.hides() {
            return Ok(true);
        }
        let first = group.first();
        Ok(self.lines.at(first)?.is_none_or(|stretch| !self.scope.hides_behind(&stretch.get(first))))
    }

    /// The first of the candidates, which are rising, that is a line of the group and matches.
    fn first_match(&mut self, group: &Group, stretch: &Stretch, candidates: &[u32]) -> Option<i64> {
        let start = candidates.partition_point(|at| stretch.first + i64::from(*at) < group.members[0]);
        let near = candidates[start..].iter().map(|at| stretch.first + i64::from(*at));
        near.take_while(|seq| *seq <= group.last()).find(|seq| {
            group.members.binary_search(seq).is_ok()
                && (!self.scope.depends(&stretch.batch, stretch.index(*seq))
                    || self.scope.matches_in(group, stretch, *seq))
        })
    }
}

impl Searched {
    fn nothing(covered: Range<i64>, records: u64, unspecified: u64, max_time: Option<Timestamp>) -> Self {
        Self { covered, records, unspecified, max_time, found: Found::Nothing }
    }

    /// Takes in neighbouring numbers without a match.
    fn extend(&mut self, other: Self) {
        self.records += other.records;
        self.unspecified += other.unspecified;
        self.max_time = self.max_time.max(other.max_time);
        let (start, end) = (other.covered.start, other.covered.end);
        self.covered = self.covered.start.min(start)..self.covered.end.max(end);
    }
}
