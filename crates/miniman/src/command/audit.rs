//! `miniman audit`: who did what, on `miniman.db` itself, beside a running server too.

use anyhow::{anyhow, bail};
use miniman_log::Timestamp;
use miniman_server::Clock;
use miniman_server::api::{parse_time, wire};
use miniman_server::audit::hex;
use miniman_store::app::{AppStore, AuditRow};

use crate::cli::{AuditCommand, AuditFormat, ReadAudit};
use crate::config::Config;
use crate::print;

/// Rows read at once: 1,000 × ~300 B = 0.3 MB.
const ROWS_AT_ONCE: usize = 1_000;

pub(crate) fn run(config: &Config, audit: &ReadAudit) -> anyhow::Result<()> {
    let store = AppStore::open(&config.data_dir)?;
    match audit.command {
        Some(AuditCommand::Verify) => verify(&store),
        None => export(&store, audit),
    }
}

fn export(store: &AppStore, audit: &ReadAudit) -> anyhow::Result<()> {
    let since = match audit.since.as_deref() {
        Some(text) => parse_time(text, Clock::system().now())
            .ok_or_else(|| anyhow!("--since takes a time or a duration, as in 7d; got {text:?}"))?,
        None => Timestamp(i64::MIN),
    };
    if matches!(audit.format, AuditFormat::Csv) {
        print::line("id,at,who,address,action,target,outcome,detail,hash")?;
    }
    let mut after = 0;
    loop {
        let rows = store.audit_after(after, since, ROWS_AT_ONCE)?;
        for row in &rows {
            after = row.id;
            print::line(&match audit.format {
                AuditFormat::Ndjson => serde_json::to_string(&wire::AuditRow::of(row))?,
                AuditFormat::Csv => csv(row),
            })?;
        }
        if rows.len() < ROWS_AT_ONCE {
            return Ok(());
        }
    }
}

/// A broken chain is an error, told with the first row that does not hold.
fn verify(store: &AppStore) -> anyhow::Result<()> {
    let check = store.check_audit()?;
    if let Some((row, why)) = check.broken {
        bail!("the audit was changed: row {row} does not hold, {why}; the {} rows before it do", check.rows);
    }
    print::line(&format!(
        "{} rows hold. The last is {}, with the hash {}; compare it with the line on standard output.",
        check.rows,
        check.last,
        hex(&check.hash)
    ))?;
    Ok(())
}

fn csv(row: &AuditRow) -> String {
    let row = wire::AuditRow::of(row);
    let texts =
        [&row.at, &row.who, &row.address, &row.action, &row.target, &row.outcome, &row.detail, &row.hash];
    let cells = texts.into_iter().map(|text| cell(text)).collect::<Vec<_>>();
    format!("{},{}", row.id, cells.join(","))
}

/// In quotes, and never a formula: a spreadsheet would run what somebody called their token.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_and_runs_nothing() {
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "\"'=1+1\"");
        assert_eq!(cell("@x"), "\"'@x\"");
    }
}
