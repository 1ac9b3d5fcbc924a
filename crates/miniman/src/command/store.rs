//! `miniman store check` and `miniman store stats`.

use std::io::{IsTerminal, Write};

use anyhow::bail;
use miniman_store::logs::{CheckProgress, LogFigures, LogStore};

use crate::config::Config;
use crate::print;

/// Blocks between two words of progress: some 0.2 s.
const PROGRESS_BLOCKS: u64 = 256;

/// Fails when anything is damaged.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    let shown = std::io::stderr().is_terminal();
    let report = LogStore::check(&config.data_dir, |progress| {
        if shown {
            show(progress);
        }
    })?;
    for finding in &report.findings {
        print::line(&finding.to_string())?;
    }
    print::line(&format!(
        "{} logs, {} blocks, {} records, {} gaps and {} rows of the journal were looked at.",
        report.logs, report.blocks, report.records, report.gaps, report.journal_rows
    ))?;
    if report.moved > 0 {
        print::line(&format!("{} blocks were moved by the server meanwhile.", report.moved))?;
    }
    if !report.is_clean() {
        bail!(
            "{} findings; what is damaged is shown as a gap, the rest stays readable",
            report.findings_total
        );
    }
    Ok(())
}

/// On one line of the terminal, which the last one ends.
fn show(progress: CheckProgress) {
    let CheckProgress { blocks, blocks_total } = progress;
    let end = if blocks == blocks_total { "\n" } else { "\r" };
    if blocks == blocks_total || blocks.is_multiple_of(PROGRESS_BLOCKS) {
        // A closed terminal is no reason to stop.
        drop(write!(std::io::stderr(), "{blocks} of {blocks_total} blocks{end}"));
    }
}

/// A log a line, those that take most first, then all together.
pub(crate) fn stats(config: &Config) -> anyhow::Result<()> {
    let figures = LogStore::figures(&config.data_dir)?;
    print::line(
        "     RECORDS         RAW      STORED  BLOCKS  GAPS  FROM                  OWN LIMITS  CONTAINER",
    )?;
    for log in &figures.logs {
        print::line(&row(log))?;
    }
    let sum = |of: fn(&LogFigures) -> u64| figures.logs.iter().map(of).sum::<u64>();
    print::line(&format!(
        "{} logs: {} records, {} bytes raw, {} stored; the file takes {}, of it {} unused and {} journal.",
        figures.logs.len(),
        sum(|log| log.stored.records),
        sum(|log| log.stored.raw_bytes),
        sum(|log| log.stored.stored_bytes),
        figures.file_bytes,
        figures.unused_bytes,
        figures.journal_bytes
    ))?;
    Ok(())
}

fn row(log: &LogFigures) -> String {
    let stored = &log.stored;
    let from = stored.first_timestamp.map_or_else(|| "-".to_owned(), print::whole_seconds);
    let own = log.retention.to_string();
    format!(
        "{:>12}{:>12}{:>12}{:>8}{:>6}  {from:<20}  {:<10}  {}",
        stored.records,
        stored.raw_bytes,
        stored.stored_bytes,
        log.blocks,
        log.gaps,
        if own.is_empty() { "-" } else { &own },
        log.identity.name
    )
}
