//! Saved searches.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /searches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedSearches {
    /// The asker's own and shared ones, by name.
    pub searches: Vec<SavedSearch>,
}

/// A view that somebody comes back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SavedSearch {
    pub id: i64,
    pub name: String,
    /// What stands behind `/logs?` in the page's address: selectors, `filter`, `find`, `since`, `until`, `columns`.
    #[schema(example = "stack=shop&filter=level%3Aerror")]
    pub query: String,
    /// Everyone sees it who sees something of what it selects.
    pub shared: bool,
    /// Whether it is the asker's own.
    pub mine: bool,
    /// Who saved it.
    pub who: String,
    #[schema(format = DateTime)]
    pub created: String,
    /// Whether the asker may remove it.
    pub removable: bool,
}

/// `POST /searches`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedSearchBody {
    /// One of the asker's own; at most 100 characters.
    pub name: String,
    /// As in the page's address, behind `/logs?`; at most 8,192 bytes.
    pub query: String,
    /// For everyone; operators and admins.
    #[serde(default)]
    pub shared: bool,
}
