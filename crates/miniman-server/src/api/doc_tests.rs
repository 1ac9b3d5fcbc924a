//! Runs the examples of `docs/api.md`: what it shows is what the server answers.

use axum::body::Body;

use super::testing::Fixture;
use crate::testing::{get, text};

const DOCUMENT: &str = include_str!("../../../../docs/api.md");

/// One `$ curl …` line and what stands below it.
struct Example<'a> {
    command: &'a str,
    output: Vec<&'a str>,
}

fn examples() -> Vec<Example<'static>> {
    let mut examples: Vec<Example<'_>> = Vec::new();
    let mut inside = false;
    for line in DOCUMENT.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => examples.push(Example { command, output: Vec::new() }),
                (None, Some(example)) => example.output.push(line),
                (None, None) => panic!("output before any command: {line}"),
            },
        }
    }
    examples
}

fn request(command: &str, bearer: &str) -> http::Request<Body> {
    let quoted: Vec<_> = command.split('"').skip(1).step_by(2).collect();
    let (url, headers) = quoted.split_last().unwrap();
    let mut request = get(url.strip_prefix("$MINIMAN").unwrap()).header("authorization", bearer);
    for header in headers.iter().filter(|header| !header.starts_with("Authorization")) {
        let (name, value) = header.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    request.empty()
}

/// `…` stands for anything.
fn fits(shown: &str, answered: &str) -> bool {
    match shown.split_once('…') {
        Some((start, end)) => answered.starts_with(start) && answered.ends_with(end),
        None => shown == answered,
    }
}

#[tokio::test]
async fn every_example_answers_as_shown() {
    let shop = Fixture::shop().await;
    let bearer = format!("Bearer {}", shop.server.token("ada"));
    let examples = examples();
    assert!(examples.len() >= 8, "the document lost its examples");
    for Example { command, output } in examples {
        let answer = text(shop.server.send(request(command, &bearer)).await).await;
        let answered: Vec<_> = answer.lines().collect();
        let all = output.len() == answered.len() && output.iter().zip(&answered).all(|(a, b)| fits(a, b));
        assert!(all, "{command}\nshown:\n{}\nanswered:\n{answer}", output.join("\n"));
    }
}
