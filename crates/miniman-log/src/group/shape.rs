//! What a line looks like, by its first words alone.

/// The line starts with white space and holds more than that.
pub(super) fn is_indented(text: &str) -> bool {
    text.starts_with([' ', '\t']) && !is_blank(text)
}

pub(super) fn is_blank(text: &str) -> bool {
    text.trim_ascii().is_empty()
}

/// An indented line that names a place in a program: `at f(…)`, `File "…"`, `from …:1:in`.
pub(super) fn is_frame(text: &str) -> bool {
    let frame = text.trim_ascii_start();
    let at = |frame: &str| frame.contains(['(', '/', ':', '.', '<']) || frame.contains(" in ");
    is_indented(text)
        && (frame.strip_prefix("at ").is_some_and(at)
            || frame.starts_with("File \"")
            || frame.strip_prefix("from ").is_some_and(|frame| frame.contains(":in ")))
}

/// `java.lang.IllegalStateException: …`, `com.acme.Oops`, `System.InvalidOperationException`: dotted names, the last of
/// them an exception's.
pub(super) fn is_exception(text: &str) -> bool {
    let name = &text[..text.find([':', ' ']).unwrap_or(text.len())];
    let Some((package, class)) = name.rsplit_once('.') else { return false };
    let names =
        |part: &str| !part.is_empty() && part.chars().all(|char| char.is_alphanumeric() || char == '_');
    let kind = ["Exception", "Error", "Throwable"].iter().any(|kind| class.ends_with(kind));
    kind && text[name.len()..].chars().next().is_none_or(|next| next == ':') && package.split('.').all(names)
}

/// A goroutine's frames: `main.main()`, `panic(…)`, `net/http.(*conn).serve(0xc000, {0x1, 0x2})`.
pub(super) fn is_go_call(text: &str) -> bool {
    text.ends_with(')')
        && text
            .split_once('(')
            .is_some_and(|(name, _)| name == "panic" || name.contains('.') && !name.contains(' '))
}

/// `/app/index.js:3`, `node:internal/x:1`: where Node was when it gave up.
pub(super) fn is_node_place(text: &str) -> bool {
    let Some((path, line)) = text.rsplit_once(':') else { return false };
    (path.starts_with('/') || path.starts_with("node:") || path.starts_with("file:///"))
        && !line.is_empty()
        && line.bytes().all(|byte| byte.is_ascii_digit())
        && (path.starts_with("node:") || [".js", ".cjs", ".mjs", ".ts"].iter().any(|end| path.ends_with(end)))
        && !path.contains(' ')
}

/// `^^^^`: below a line of source.
pub(super) fn is_caret(text: &str) -> bool {
    let carets = text.trim_ascii();
    !carets.is_empty() && carets.bytes().all(|byte| byte == b'^')
}

/// `}`, `],`: what closes something that was indented.
pub(super) fn is_closing(text: &str) -> bool {
    let text = text.trim_ascii();
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'}' | b']' | b')' | b',' | b';'))
}

/// `#0 /app/x.php(3): f()`, PHP's frames.
pub(super) fn is_php_frame(text: &str) -> bool {
    text.strip_prefix('#')
        .and_then(|frame| frame.split_once(' '))
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}
