//! Prints the OpenAPI document: the page's types are made from it.

use std::io::Write;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(miniman_server::api::openapi_json().as_bytes())
}
