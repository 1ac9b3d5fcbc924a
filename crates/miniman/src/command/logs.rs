//! `miniman logs`: what containers said, from a running server, or from the engine when none runs.

mod client;
mod direct;

use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use self::client::{Answer, Connection};
use crate::cli::ReadLogs;
use crate::config::Config;

/// Prints the records of one view; with `--follow` until it is interrupted.
pub(crate) fn run(config: &Config, logs: &ReadLogs) -> anyhow::Result<()> {
    let (server, base) = match &logs.server {
        Some(url) => (url.trim_end_matches('/').to_owned(), ""),
        None => (super::health::reachable(config.listen).to_string(), config.doors.base_path.as_str()),
    };
    let opened = if logs.server.is_some() { Connection::open(&server) } else { Connection::open_own(config) };
    let connection = match opened {
        // Who names a server means that one.
        Err(error) if logs.server.is_none() && is_refused(&error) => {
            return direct::run(config, logs, &super::health::reachable(config.listen));
        }
        connection => connection.with_context(|| format!("ask {server}"))?,
    };
    let token = token(logs)?;
    let path = format!("{base}/api/v1/logs?{}", query(logs));
    let answer = connection.get(&path, &token).with_context(|| format!("ask {server}"))?;
    print(answer)
}

/// Whether nothing listens there, rather than something that does not answer.
fn is_refused(error: &anyhow::Error) -> bool {
    let error = error.root_cause().downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::ConnectionRefused)
}

fn token(logs: &ReadLogs) -> anyhow::Result<String> {
    if let Some(file) = &logs.token_file {
        return read_token(file);
    }
    match &logs.token {
        Some(token) => Ok(token.clone()),
        None => bail!(
            "the server wants an API token: set MINIMAN_TOKEN or --token-file; `miniman token create --name me --role viewer` makes one"
        ),
    }
}

fn read_token(file: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    Ok(text.trim().to_owned())
}

fn query(logs: &ReadLogs) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, values) in [
        ("container", &logs.containers),
        ("stack", &logs.stack),
        ("service", &logs.service),
        ("engine", &logs.engine),
        ("severity", &logs.severity),
    ] {
        for value in values {
            query.append_pair(name, value);
        }
    }
    for (name, value) in [("query", &logs.query), ("since", &logs.since), ("until", &logs.until)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let context = logs.context.map(u64::from);
    for (name, value) in [("tail", logs.tail), ("context", context)] {
        if let Some(value) = value {
            query.append_pair(name, &value.to_string());
        }
    }
    for (name, wanted) in [("follow", logs.follow), ("timestamps", logs.timestamps)] {
        if wanted {
            query.append_pair(name, "true");
        }
    }
    query.append_pair("format", logs.format.as_str());
    query.finish()
}

/// Copies the answer to standard output.
fn print(mut answer: Answer) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    while let Some(piece) = answer.next_piece()? {
        if !put(&mut out, piece)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Whether there is still a reader: that it left (`| head`) is no error.
fn put(out: &mut impl Write, piece: &[u8]) -> anyhow::Result<bool> {
    match out.write_all(piece).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error).context("write to standard output"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};

    fn parse(line: &str) -> ReadLogs {
        let words = ["miniman", "logs"].into_iter().chain(line.split_whitespace());
        match Cli::try_parse_from(words).unwrap().command {
            Some(Command::Logs(logs)) => *logs,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn options_become_the_parameters_of_the_api() {
        assert_eq!(query(&parse("")), "format=text");
        assert_eq!(
            query(&parse("-f -n 10 -t web db/1 --since 15m --severity >=warn --stack shop")),
            "container=web&container=db%2F1&stack=shop&severity=%3E%3Dwarn&since=15m&tail=10&follow=true&timestamps=true&format=text"
        );
        assert_eq!(query(&parse("-q oops -C 3")), "query=oops&context=3&format=text");
        assert_eq!(query(&parse("-q -cache web")), "container=web&query=-cache&format=text");
        assert_eq!(query(&parse("--format ndjson --service web")), "service=web&format=ndjson");
    }
}
