//! What of a field's name or value can be looked for in the line as it stands.

use crate::query::fields::is_verbatim;
use crate::query::text::{Glob, Needle};

/// Of one name or value the longest parts are looked for; more would cost more than they tell.
const PARTS_MAX: usize = 4;

/// The parts of a name that stand in the line whenever a field of it has this name: what no logger writes in another way.
/// A dot may stand for braces and quotes.
pub(super) fn name_parts(name: &str, folded: bool) -> Vec<Needle> {
    parts(name, folded, |char| is_verbatim(char) && char != '.')
}

/// The same of a value.
pub(super) fn value_parts(value: &str, folded: bool) -> Vec<Needle> {
    parts(value, folded, is_verbatim)
}

/// The same of all that stands between a value's asterisks.
pub(super) fn glob_parts(glob: &Glob) -> Vec<Needle> {
    let mut parts: Vec<_> = glob.pieces().flat_map(|piece| value_parts(piece, glob.folded())).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.text().len()));
    parts.truncate(PARTS_MAX);
    parts
}

fn parts(text: &str, folded: bool, kept: fn(char) -> bool) -> Vec<Needle> {
    let mut parts: Vec<&str> = text.split(|char| !kept(char)).filter(|part| !part.is_empty()).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    parts.truncate(PARTS_MAX);
    parts.into_iter().map(|part| Needle::with_folding(part, folded)).collect()
}
