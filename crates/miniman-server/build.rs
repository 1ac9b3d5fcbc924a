//! Makes sure that there is a page to embed: a fresh clone compiles before `cargo xtask web` has built the real one.

use std::path::Path;
use std::{fs, io};

const PLACEHOLDER: &str = "<!doctype html>
<html lang=\"en\">
  <head><meta charset=\"utf-8\" /><title>MiniMan</title></head>
  <body>
    <h1>MiniMan runs, but its page is not built</h1>
    <p>Build it with <code>cargo xtask web</code>, or use <code>cargo xtask run</code>, which builds everything.</p>
  </body>
</html>
";

fn main() -> io::Result<()> {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/build");
    let index = build.join("index.html");
    if !index.exists() {
        fs::create_dir_all(&build)?;
        fs::write(&index, PLACEHOLDER)?;
    }
    println!("cargo::rerun-if-changed=build.rs");
    // Debug builds read the page from disk, so only releases have to be compiled again when it changes.
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo::rerun-if-changed={}", build.display());
    }
    Ok(())
}
