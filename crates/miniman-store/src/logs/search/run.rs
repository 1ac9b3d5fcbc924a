//! One stream's groups, followed record by record from a place where they are sure.

use miniman_log::group::GROUP_RECORDS_MAX;
use miniman_log::{Grouper, IoStream, Lookback, Place, Severity};

use super::super::StoreError;
use super::lines::Lines;

/// Going on so far costs less than looking back for a place that is nearer.
const NEAR_RECORDS: i64 = 16;

/// A stream's present group and the grouper that stands at its last line.
pub(super) struct Run {
    pub(super) stream: IoStream,
    grouper: Grouper,
    pub(super) group: Group,
    /// Records below this number were looked at.
    looked: i64,
}

/// Lines that belong together, by rising number.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) members: Vec<i64>,
    /// The level of its lines that name none.
    pub(super) severity: Severity,
    /// Lines before this one had none before it came.
    pub(super) raised_at: Option<i64>,
}

/// What a run came to next.
pub(super) enum Next {
    /// The group goes on with its last member, of this effective severity. `raised`: its earlier lines are of another
    /// level now.
    Line { severity: Severity, raised: bool },
    /// The group is over, and the run's is the next one.
    Over(Group),
    /// The group is over, and what comes next has to be looked for.
    Ended,
    /// Nothing of the stream is there up to the bound.
    Paused,
}

impl Group {
    fn begin(seq: i64, severity: Severity) -> Self {
        Self { members: vec![seq], severity, raised_at: None }
    }

    pub(super) fn first(&self) -> i64 {
        self.members[0]
    }

    pub(super) fn last(&self) -> i64 {
        self.members[self.members.len() - 1]
    }

    /// The severity that a line of it counts as.
    pub(super) fn effective(&self, own: Severity) -> Severity {
        if own == Severity::UNSPECIFIED { self.severity } else { own }
    }
}

impl Run {
    /// The run whose group's last line, up to now, is `seq`, a record of `stream`; `former` when it leads there.
    pub(super) fn to(
        lines: &mut Lines,
        former: Option<Self>,
        fresh: &Grouper,
        lookback: &mut Lookback,
        (seq, stream): (i64, IoStream),
    ) -> Result<Self, StoreError> {
        let former = former.filter(|run| run.group.last() <= seq);
        let floor = former.as_ref().map(|run| run.group.last());
        let start = match floor {
            Some(floor) if seq - floor <= NEAR_RECORDS => floor,
            _ => look_back(lines, lookback, (seq, stream), floor)?,
        };
        let mut run = match former {
            Some(run) if Some(start) == floor => run,
            _ => Self::begin(lines, fresh, start, stream)?,
        };
        while run.group.last() < seq {
            match run.next(lines, seq + 1)? {
                Next::Line { .. } | Next::Over(_) => {}
                // It went away meanwhile, or stands too far behind the group before it.
                Next::Ended | Next::Paused => return Self::begin(lines, fresh, seq, stream),
            }
        }
        Ok(run)
    }

    fn begin(lines: &mut Lines, fresh: &Grouper, seq: i64, stream: IoStream) -> Result<Self, StoreError> {
        let mut grouper = fresh.clone();
        let severity = match lines.at(seq)? {
            Some(stretch) => grouper.push(&stretch.get(seq)).severity,
            None => Severity::UNSPECIFIED,
        };
        Ok(Self { stream, grouper, group: Group::begin(seq, severity), looked: seq + 1 })
    }

    /// The stream's next record below `until`.
    pub(super) fn next(&mut self, lines: &mut Lines, until: i64) -> Result<Next, StoreError> {
        let until = until.min(lines.horizon);
        while self.looked < until {
            // Nothing so far behind can be of the group.
            if self.looked - self.group.first() > i64::from(GROUP_RECORDS_MAX) {
                return Ok(Next::Ended);
            }
            let Some(stretch) = lines.at(self.looked)? else { return Ok(Next::Ended) };
            let range = stretch.range(&(self.looked..until));
            let streams = &stretch.batch.iostreams()[range.clone()];
            let Some(at) = streams.iter().position(|stream| *stream == self.stream as u8) else {
                self.looked = stretch.next().min(until);
                continue;
            };
            let seq = stretch.first + (range.start + at) as i64;
            self.grouper.pass(u32::try_from(seq - self.group.last() - 1).unwrap_or(u32::MAX));
            self.looked = seq + 1;
            let grouped = self.grouper.push(&stretch.get(seq));
            if grouped.place == Place::Head {
                let begun = Group::begin(seq, grouped.severity);
                return Ok(Next::Over(std::mem::replace(&mut self.group, begun)));
            }
            self.group.members.push(seq);
            if grouped.raised {
                (self.group.severity, self.group.raised_at) = (grouped.severity, Some(seq));
            }
            return Ok(Next::Line { severity: grouped.severity, raised: grouped.raised });
        }
        Ok(Next::Paused)
    }
}

/// The number at which grouping begins so that it is right at `seq`; `floor` when nothing behind it is such a number.
fn look_back(
    lines: &mut Lines,
    lookback: &mut Lookback,
    (seq, stream): (i64, IoStream),
    floor: Option<i64>,
) -> Result<i64, StoreError> {
    lookback.clear();
    let lowest = seq - i64::from(GROUP_RECORDS_MAX);
    let mut pushed = Vec::new();
    let mut before = seq + 1;
    while before > lowest {
        let Some(stretch) = lines.at(before - 1)? else { break };
        let from = stretch.first.max(lowest);
        let mut range = stretch.range(&(from..before));
        while let Some(index) = range.next_back() {
            if stretch.batch.iostreams()[index] != stream as u8 {
                continue;
            }
            let number = stretch.first + index as i64;
            if let Some(floor) = floor.filter(|floor| number <= *floor) {
                return Ok(floor);
            }
            pushed.push(number);
            if let Some(back) = lookback.push(&stretch.batch.get(index)) {
                return Ok(pushed[back]);
            }
        }
        before = from;
    }
    // A gap, the log's start, or nothing that is sure as far as a group reaches.
    Ok(pushed.last().copied().unwrap_or(seq))
}
